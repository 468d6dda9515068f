//! Where an answer may go (RFC 6749 §3.1.2).

use super::ResponseMode;
use super::checks::MAX_ECHOED_BYTES;
use crate::protocol::redirect_uri::shown_host;
use crate::protocol::{Client, Form, PageError, RedirectUri};

/// A redirect URI of the client's, and what an answer there needs. To have one is to know that an
/// error may be sent to it.
#[derive(Clone, Debug)]
pub(super) struct Redirect<'a> {
    /// The URI, as the request has it.
    pub(super) uri: String,
    /// The URI, as the client has registered it.
    pub(super) registered: &'a RedirectUri,
    /// Whether the request has it.
    pub(super) was_sent: bool,
    /// How the answer gets there.
    pub(super) mode: ResponseMode,
    /// To be repeated as it came (RFC 6749 §4.1.2).
    pub(super) state: Option<String>,
}

/// How an error gets a browser to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leading {
    /// At once.
    Straight,
    /// Where the user chooses to go on.
    IfTheUserLikes,
}

impl Leading {
    /// Before the user has done anything: a link is all that it takes to get here, so that only a client
    /// that the operator wrote down is trusted with the browser (RFC 9700 §4.11.2). `prompt=none` is no
    /// exception: it could not end well, as such a client's user is asked each time.
    pub(super) fn unasked(client: &Client) -> Self {
        if client.describes_itself() {
            Self::IfTheUserLikes
        } else {
            Self::Straight
        }
    }
}

impl Redirect<'_> {
    /// The host, with its port where it has one, or the application's own scheme. A loopback port is the
    /// request's own.
    pub(super) fn host(&self) -> String {
        shown_host(&self.uri)
    }
}

/// Finds the redirect URI among those of the client.
///
/// # Errors
/// [`PageError`] when there is none of that text, or none at all.
pub(super) fn of<'a>(client: &'a Client, form: &Form<'_>) -> Result<Redirect<'a>, PageError> {
    let sent = form.get("redirect_uri");
    let (uri, registered) = match sent {
        Some(sent) => registered(client, sent)?,
        None => the_only_one(client, form)?,
    };
    let state = form.get("state");
    Ok(Redirect {
        uri,
        registered,
        was_sent: sent.is_some(),
        mode: ResponseMode::for_errors(form),
        state: state
            .filter(|state| state.len() <= MAX_ECHOED_BYTES)
            .map(str::to_owned),
    })
}

/// Compares text with text (RFC 9700 §2.1); a native client may vary the port of a loopback
/// address (RFC 8252 §7.3).
fn registered<'a>(client: &'a Client, sent: &str) -> Result<(String, &'a RedirectUri), PageError> {
    let mut own = client.redirect_uris.iter();
    let found = own.find_map(|own| Some((own.target(sent, client.application_type)?, own)));
    let (target, own) = found.ok_or(PageError::UnregisteredRedirectUri)?;
    Ok((target.as_str().to_owned(), own))
}

/// A client with one redirect URI need not repeat it (RFC 6749 §3.1.2.3); with OpenID Connect it
/// has to (OIDC Core §3.1.2.1).
fn the_only_one<'a>(
    client: &'a Client,
    form: &Form<'_>,
) -> Result<(String, &'a RedirectUri), PageError> {
    let openid = form.get("scope").is_some_and(asks_for_openid);
    match client.redirect_uris.as_slice() {
        [only] if !openid => Ok((only.as_str().to_owned(), only)),
        _ => Err(PageError::NoRedirectUri),
    }
}

fn asks_for_openid(scope: &str) -> bool {
    scope.split(' ').any(|token| token == "openid")
}
