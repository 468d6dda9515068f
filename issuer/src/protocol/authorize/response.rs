//! What the client is told, and how it gets there.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ResponseMode;
use super::redirect::Redirect;
use crate::protocol::{OAuthError, PageError};

/// What goes back to the client, success or error (RFC 6749 §4.1.2, §4.1.2.1). `iss` is always
/// among the parameters (RFC 9207 §2). Prints no parameter's value.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// Where it goes: registered by the client, on another port at most (RFC 8252 §7.3).
    pub redirect_uri: String,
    /// How it gets there.
    pub mode: ResponseMode,
    /// What it says, in order. Values may have any character.
    pub parameters: Vec<(&'static str, String)>,
}

/// Why a request is not answered with a code or a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizeError {
    /// The client or its redirect URI is not certain, or the server is in no state to say: a page
    /// of our own, never a redirect (RFC 6749 §4.1.2.1).
    Page(PageError),
    /// The redirect URI is the client's: the error goes there.
    Redirect(Box<Refused>),
    /// The redirect URI is that of a client that nobody vouches for, and the user has done nothing yet:
    /// the user is shown where the error would go, and goes there or not. Anybody who describes a client
    /// could else have a link of this server lead wherever they like (RFC 9700 §4.11.2).
    Offer {
        /// What the client is told if the user goes on.
        refused: Box<Refused>,
        /// The host that it goes to, with its port where it has one, or the application's own scheme.
        host: String,
    },
}

/// An error that the client is told, with the reason for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub reason: OAuthError,
    /// What the client is told of it.
    pub response: AuthorizationResponse,
}

impl From<PageError> for AuthorizeError {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl AuthorizeError {
    /// Why, whoever is told.
    pub fn reason(&self) -> OAuthError {
        match self {
            Self::Page(error) => error.clone().into(),
            Self::Redirect(refused) | Self::Offer { refused, .. } => refused.reason.clone(),
        }
    }
}

/// All but the unreserved characters of RFC 3986 §2.3. A space becomes `%20`, which a fragment's
/// readers decode as well as a query's; `+` they do not.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl AuthorizationResponse {
    /// `parameters`, then `state` as it came and `iss`.
    pub(super) fn new(
        redirect: &Redirect<'_>,
        issuer: &dockgate_token::Issuer,
        mut parameters: Vec<(&'static str, String)>,
    ) -> Self {
        parameters.extend(redirect.state.clone().map(|state| ("state", state)));
        parameters.push(("iss", issuer.as_str().to_owned()));
        Self {
            redirect_uri: redirect.uri.clone(),
            mode: redirect.mode,
            parameters,
        }
    }

    /// The URL to redirect to with 303. For [`ResponseMode::FormPost`] the parameters are in no
    /// URL: there the page posts [`AuthorizationResponse::parameters`] to
    /// [`AuthorizationResponse::redirect_uri`].
    pub fn location(&self) -> String {
        let pairs: Vec<String> = self
            .parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, ENCODED)))
            .collect();
        let pairs = pairs.join("&");
        let uri = &self.redirect_uri;
        match (self.mode, uri.split_once('?')) {
            // Registered redirect URIs have no fragment.
            (ResponseMode::Fragment, _) => format!("{uri}#{pairs}"),
            (ResponseMode::FormPost, _) => uri.clone(),
            (ResponseMode::Query, None) => format!("{uri}?{pairs}"),
            // What the registered URI has in its query stays (RFC 6749 §3.1.2).
            (ResponseMode::Query, Some((_, ""))) => format!("{uri}{pairs}"),
            (ResponseMode::Query, Some(_)) => format!("{uri}&{pairs}"),
        }
    }

    /// The error code, if this is an error.
    pub fn error(&self) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let error = parameters.find(|(name, _)| *name == "error");
        error.map(|(_, code)| code.as_str())
    }
}

impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("AuthorizationResponse")
            .field("redirect_uri", &self.redirect_uri)
            .field("mode", &self.mode)
            .field("parameters", &names)
            .finish()
    }
}
