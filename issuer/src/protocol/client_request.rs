//! Requests that clients make themselves, without a browser: to the token endpoint and its like.

use std::net::IpAddr;

use super::{Form, OAuthError, RequestError};

/// The largest body that is read, in bytes: room for an assertion of 48 KiB, the largest thing a
/// client has reason to send.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A request as it arrived.
#[derive(Debug, Default)]
pub struct ClientRequest<'a> {
    /// The query of the URL.
    pub query: Option<&'a str>,
    /// Every `Authorization` header.
    pub authorization: Vec<&'a [u8]>,
    /// The `Content-Type` header.
    pub content_type: Option<&'a [u8]>,
    /// The address it comes from, as far as it is known: for counting failures, never for trust.
    pub address: Option<IpAddr>,
    /// The body, at most [`MAX_BODY_BYTES`].
    pub body: &'a [u8],
}

impl ClientRequest<'_> {
    /// The parameters, which come in the body as a form (RFC 6749 §3.2, Appendix B).
    ///
    /// # Errors
    /// [`RequestError`] for another content type, a form that cannot be read without guessing, and
    /// for parameters in the URL.
    pub(super) fn form(&self) -> Result<Form<'_>, OAuthError> {
        if !self.has_form() {
            return Err(RequestError::WrongContentType.into());
        }
        let form = Form::parse(self.body).map_err(RequestError::MalformedForm)?;
        check_query(self.query)?;
        Ok(form)
    }

    /// Whether the body says that it is a form.
    pub(super) fn has_form(&self) -> bool {
        let mut parts = self
            .content_type
            .unwrap_or_default()
            .split(|byte| *byte == b';');
        let media_type = parts.next().unwrap_or_default().trim_ascii();
        media_type.eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    }
}

/// Parameters that only the body may carry: in a URL, secrets end up in logs (RFC 6749 §2.3.1), and
/// what is not a secret would be passed over in silence. Others are ignored (RFC 6749 §3.2).
const BODY_ONLY: [&str; 37] = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "assertion",
    "code",
    "code_verifier",
    "redirect_uri",
    "refresh_token",
    "device_code",
    "username",
    "password",
    "scope",
    "resource",
    "audience",
    "subject_token",
    "subject_token_type",
    "actor_token",
    "actor_token_type",
    "requested_token_type",
    "token",
    "token_type_hint",
    "request_uri",
    "request",
    "response_type",
    "response_mode",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "claims",
    "access_token",
];

fn check_query(query: Option<&str>) -> Result<(), RequestError> {
    let form =
        Form::parse(query.unwrap_or_default().as_bytes()).map_err(RequestError::MalformedForm)?;
    match BODY_ONLY.into_iter().find(|name| form.has(name)) {
        Some(name) => Err(RequestError::ParameterInQuery(name)),
        None => Ok(()),
    }
}
