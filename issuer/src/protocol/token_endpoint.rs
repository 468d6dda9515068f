//! The token endpoint (RFC 6749 §3.2). [`respond`] lists the checks in order: a request is refused
//! for the first that fails.

use dockgate_token::ClientId;

use super::client_authentication::authenticate;
use super::grants::client_credentials;
use super::{AuthorizationServer, Client, Form, Grant, Issuance, MintingContext, TokenError};

/// The largest body that is read, in bytes: room for an assertion of 48 KiB, the largest thing a
/// client has reason to send.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A request as it arrived.
#[derive(Debug, Default)]
pub struct TokenRequest<'a> {
    /// The query of the URL.
    pub query: Option<&'a str>,
    /// Every `Authorization` header.
    pub authorization: Vec<&'a [u8]>,
    /// The `Content-Type` header.
    pub content_type: Option<&'a [u8]>,
    /// The body, at most [`MAX_BODY_BYTES`].
    pub body: &'a [u8],
}

/// A refusal, with what is known of who was refused. A client appears only once it is
/// authenticated (or public and known).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub error: TokenError,
    /// Who asked.
    pub client: Option<ClientId>,
    /// What for.
    pub grant: Option<Grant>,
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        Self {
            error,
            client: None,
            grant: None,
        }
    }
}

/// Answers a token request.
///
/// # Errors
/// [`Refusal`] with the first reason found.
pub fn respond(
    server: &AuthorizationServer,
    request: &TokenRequest,
    context: MintingContext,
) -> Result<Issuance, Refusal> {
    check_content_type(request.content_type)?;
    let form = Form::parse(request.body).map_err(TokenError::MalformedForm)?;
    check_query(request.query)?;
    let client = authenticate(server, &request.authorization, &form)?;
    let refuse = |error| Refusal {
        error,
        client: Some(client.id.clone()),
        grant: None,
    };
    let grant = served_grant(server, &form).map_err(refuse)?;
    let refuse = |error| Refusal {
        error,
        client: Some(client.id.clone()),
        grant: Some(grant),
    };
    check_client_may_use(client, grant).map_err(refuse)?;
    match grant {
        Grant::ClientCredentials => client_credentials::issue(server, client, &form, context),
        other => Err(TokenError::GrantNotServed(other)),
    }
    .map_err(refuse)
}

/// Parameters come in a form (RFC 6749 §3.2, Appendix B).
fn check_content_type(content_type: Option<&[u8]>) -> Result<(), TokenError> {
    let media_type = content_type.and_then(|value| value.split(|byte| *byte == b';').next());
    match media_type.map(<[u8]>::trim_ascii) {
        Some(name) if name.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") => Ok(()),
        _ => Err(TokenError::WrongContentType),
    }
}

/// Parameters that only the body may carry: in a URL, secrets end up in logs (RFC 6749 §2.3.1).
const BODY_ONLY: [&str; 18] = [
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
    "actor_token",
];

fn check_query(query: Option<&str>) -> Result<(), TokenError> {
    let form =
        Form::parse(query.unwrap_or_default().as_bytes()).map_err(TokenError::MalformedForm)?;
    match BODY_ONLY.into_iter().find(|name| form.has(name)) {
        Some(name) => Err(TokenError::ParameterInQuery(name)),
        None => Ok(()),
    }
}

fn served_grant(server: &AuthorizationServer, form: &Form) -> Result<Grant, TokenError> {
    let name = form.get("grant_type").ok_or(TokenError::GrantTypeMissing)?;
    let grant = name.parse().map_err(|_| TokenError::UnknownGrantType)?;
    if server.serves(grant) {
        Ok(grant)
    } else {
        Err(TokenError::GrantNotServed(grant))
    }
}

fn check_client_may_use(client: &Client, grant: Grant) -> Result<(), TokenError> {
    if client.grants.contains(&grant) {
        Ok(())
    } else {
        Err(TokenError::GrantNotAllowed(grant))
    }
}

#[cfg(test)]
mod tests;
