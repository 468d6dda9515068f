//! Access tokens that open nothing here (RFC 6750 §3.1).

use super::{RequestError, WireError};

/// Why a request that has to bring an access token is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BearerError {
    /// What may have a token in it cannot be read.
    Unreadable(RequestError),
    /// It brings none.
    NoToken,
    /// It brings more than one, or one by two ways (RFC 6750 §2).
    SeveralTokens,
    /// The `Authorization` header is not `Bearer` and one token.
    MalformedHeader,
    /// The token is none of ours, has ended or is revoked.
    InvalidToken,
    /// The token does not have this scope.
    InsufficientScope(&'static str),
}

impl BearerError {
    pub(super) fn wire(&self) -> WireError {
        let (status, error, description) = match self {
            Self::Unreadable(error) => return error.wire(),
            Self::NoToken => (401, "unauthorized", "An access token is required."),
            Self::SeveralTokens => (
                400,
                "invalid_request",
                "Send one access token, by one method.",
            ),
            Self::MalformedHeader => (
                400,
                "invalid_request",
                "The Authorization header is not Bearer and one token.",
            ),
            Self::InvalidToken => (
                401,
                "invalid_token",
                "The access token is invalid, expired or revoked.",
            ),
            Self::InsufficientScope(_) => (
                403,
                "insufficient_scope",
                "The access token does not allow this.",
            ),
        };
        WireError::new(status, error, description)
    }

    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Unreadable(error) => error.reason(),
            Self::NoToken => "no_token",
            Self::SeveralTokens => "several_tokens",
            Self::MalformedHeader => "malformed_bearer",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope(_) => "insufficient_scope",
        }
    }

    /// The value of `WWW-Authenticate`. To a request without a token it says nothing about errors
    /// (RFC 6750 §3.1).
    pub fn challenge(&self) -> String {
        let realm = r#"Bearer realm="dockgate""#;
        let WireError {
            error, description, ..
        } = self.wire();
        let error = format!(r#"error="{error}", error_description="{description}""#);
        match self {
            Self::NoToken => realm.to_owned(),
            Self::InsufficientScope(scope) => format!(r#"{realm}, {error}, scope="{scope}""#),
            _ => format!("{realm}, {error}"),
        }
    }
}

impl From<RequestError> for BearerError {
    fn from(error: RequestError) -> Self {
        Self::Unreadable(error)
    }
}
