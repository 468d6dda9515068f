//! What is asked for, and how the answer is to come (OAuth 2.0 Multiple Response Types §2).

use crate::protocol::{
    AuthorizationError, AuthorizationServer, Client, Form, Grant, OAuthError, RequestError,
};

/// What the authorization endpoint hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseType {
    /// A code (RFC 6749 §4.1).
    Code,
    /// An access token, by the implicit grant (RFC 6749 §4.2).
    Token,
}

/// How the answer gets to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// In its fragment.
    Fragment,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseType {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Code, Self::Token];

    /// The value of `response_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Token => "token",
        }
    }

    /// The grant that a client needs for it (RFC 7591 §2.1).
    pub fn grant(self) -> Grant {
        match self {
            Self::Code => Grant::AuthorizationCode,
            Self::Token => Grant::Implicit,
        }
    }
}

impl ResponseMode {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// The value of `response_mode`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// How to tell the client of an error, while it is not known yet whether the two parameters
    /// are any good: as asked where that is possible.
    pub(super) fn for_errors(form: &Form<'_>) -> Self {
        let types = form.get("response_type").unwrap_or_default();
        let in_fragment = types
            .split(' ')
            .any(|word| matches!(word, "token" | "id_token"));
        let default = if in_fragment {
            Self::Fragment
        } else {
            Self::Query
        };
        match named(form) {
            Some(Self::Query) | None => default,
            Some(other) => other,
        }
    }
}

/// The response mode that the request names, if there is such a one.
fn named(form: &Form<'_>) -> Option<ResponseMode> {
    let name = form.get("response_mode")?;
    ResponseMode::ALL
        .into_iter()
        .find(|mode| mode.as_str() == name)
}

/// `response_type`, which has to be one that this client may use. One that others may use is
/// `unauthorized_client`, one that nobody may use `unsupported_response_type`.
pub(super) fn response_type(
    server: &AuthorizationServer,
    client: &Client,
    form: &Form<'_>,
) -> Result<ResponseType, OAuthError> {
    let name = form
        .get("response_type")
        .ok_or(RequestError::Missing("response_type"))?;
    let mut types = ResponseType::ALL.into_iter();
    let asked = types
        .find(|own| own.as_str() == name && server.serves(own.grant()))
        .ok_or(AuthorizationError::UnsupportedResponseType)?;
    if client.grants.contains(&asked.grant()) {
        Ok(asked)
    } else {
        Err(AuthorizationError::ResponseTypeNotAllowed.into())
    }
}

/// `response_mode`, or what the response type has by default. A token is never put into a query
/// (Multiple Response Types §5): a server would see and log it.
pub(super) fn response_mode(
    response_type: ResponseType,
    form: &Form<'_>,
) -> Result<ResponseMode, OAuthError> {
    let malformed = RequestError::Malformed("response_mode");
    match (response_type, named(form)) {
        (ResponseType::Token, Some(ResponseMode::Query)) => Err(malformed.into()),
        (_, Some(mode)) => Ok(mode),
        (_, None) if form.has("response_mode") => Err(malformed.into()),
        (ResponseType::Code, None) => Ok(ResponseMode::Query),
        (ResponseType::Token, None) => Ok(ResponseMode::Fragment),
    }
}
