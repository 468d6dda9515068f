//! Authorization requests that are refused.

use super::{Unavailable, WireError};
use crate::protocol::FormError;

/// Why a browser sees a page of ours and is redirected nowhere (RFC 6749 §4.1.2.1): it is not
/// certain whose request it is, or where an answer may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageError {
    /// The parameters cannot be read without guessing, the redirect URI included.
    MalformedForm(FormError),
    /// `client_id` is missing.
    NoClient,
    /// No client has this id.
    UnknownClient,
    /// `redirect_uri` is missing, and the client has several or uses OpenID Connect.
    NoRedirectUri,
    /// `redirect_uri` is none of the client's.
    UnregisteredRedirectUri,
    /// `request_uri` is no pushed request of this client's, or no longer.
    UnknownRequestUri,
    /// The pushed request was answered a moment ago.
    RequestUriUsed,
    /// The server cannot look it up now.
    Unavailable(Unavailable),
}

impl From<FormError> for PageError {
    fn from(error: FormError) -> Self {
        Self::MalformedForm(error)
    }
}

impl PageError {
    /// Status, error code and a sentence for the page. Nothing that the request sent is in it.
    pub fn wire(&self) -> WireError {
        let (error, description) = match self {
            Self::Unavailable(error) => return error.wire(),
            Self::MalformedForm(FormError::NotUtf8) => {
                ("invalid_request", "The parameters are not UTF-8.")
            }
            Self::MalformedForm(FormError::TooMany) => {
                ("invalid_request", "There are too many parameters.")
            }
            Self::MalformedForm(FormError::Repeated) => {
                ("invalid_request", "A parameter is repeated.")
            }
            Self::NoClient => ("invalid_request", "The parameter client_id is missing."),
            Self::UnknownClient => ("invalid_request", "This application is not known here."),
            Self::NoRedirectUri => ("invalid_request", "The parameter redirect_uri is missing."),
            Self::UnregisteredRedirectUri => (
                "invalid_request",
                "The redirect_uri is not registered for this application.",
            ),
            Self::UnknownRequestUri | Self::RequestUriUsed => (
                "invalid_request_uri",
                "The request_uri is unknown, expired or used.",
            ),
        };
        WireError::new(400, error, description)
    }

    /// The name of the reason in logs and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::MalformedForm(FormError::NotUtf8) => "form_not_utf8",
            Self::MalformedForm(FormError::TooMany) => "too_many_parameters",
            Self::MalformedForm(FormError::Repeated) => "repeated_parameter",
            Self::NoClient => "no_client",
            Self::UnknownClient => "unknown_client",
            Self::NoRedirectUri => "no_redirect_uri",
            Self::UnregisteredRedirectUri => "unregistered_redirect_uri",
            Self::UnknownRequestUri => "unknown_request_uri",
            Self::RequestUriUsed => "request_uri_used",
            Self::Unavailable(error) => error.reason(),
        }
    }
}

/// Why a client that is known does not get a code or a token (RFC 6749 §4.1.2.1, §4.2.2.1,
/// OIDC Core §3.1.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationError {
    /// No client may use the response type.
    UnsupportedResponseType,
    /// Other clients may use the response type, this one may not.
    ResponseTypeNotAllowed,
    /// A parameter comes more than once (RFC 6749 §3.1).
    Repeated,
    /// `request` is not supported (OIDC Core §6.1).
    RequestObject,
    /// `request_uri` is not one that was pushed, and nothing is fetched (OIDC Core §6.2).
    ForeignRequestUri,
    /// `registration` is not supported (OIDC Core §7.2.1).
    SelfRegistration,
    /// The client has to push its requests (RFC 9126 §5).
    NotPushed,
    /// There is more of it than is kept between two pages.
    TooLarge,
    /// `prompt=none`, and the user would have to log in.
    LoginRequired,
    /// The user logged in, but as another than `id_token_hint` says (OIDC Core §3.1.2.1).
    OtherUser,
    /// `prompt=none`, and the user would have to agree.
    ConsentRequired,
    /// The user says no, or agrees to nothing.
    Denied,
    /// The user may grant nothing of what is asked for.
    NothingToGrant,
}

impl AuthorizationError {
    pub(super) fn wire(self) -> WireError {
        let (error, description) = match self {
            Self::UnsupportedResponseType => (
                "unsupported_response_type",
                "This server does not support the response type.",
            ),
            Self::ResponseTypeNotAllowed => (
                "unauthorized_client",
                "This client may not use the response type.",
            ),
            Self::Repeated => ("invalid_request", "A parameter is repeated."),
            Self::RequestObject => (
                "request_not_supported",
                "Request objects are not supported.",
            ),
            Self::ForeignRequestUri => (
                "request_uri_not_supported",
                "A request_uri must come from the pushed authorization request endpoint.",
            ),
            Self::SelfRegistration => (
                "registration_not_supported",
                "The parameter registration is not supported.",
            ),
            Self::NotPushed => (
                "invalid_request",
                "This client must push its authorization requests.",
            ),
            Self::TooLarge => ("invalid_request", "The authorization request is too large."),
            Self::LoginRequired => ("login_required", "The user must log in."),
            Self::OtherUser => ("login_required", "Another user has logged in."),
            Self::ConsentRequired => ("consent_required", "The user must agree."),
            Self::Denied => ("access_denied", "The user did not agree."),
            Self::NothingToGrant => ("access_denied", "The user may not grant any of this."),
        };
        WireError::new(400, error, description)
    }

    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::ResponseTypeNotAllowed => "response_type_not_allowed",
            Self::Repeated => "repeated_parameter",
            Self::RequestObject => "request_object",
            Self::ForeignRequestUri => "foreign_request_uri",
            Self::SelfRegistration => "self_registration",
            Self::NotPushed => "request_not_pushed",
            Self::TooLarge => "authorization_request_too_large",
            Self::LoginRequired => "login_required",
            Self::OtherUser => "other_user_logged_in",
            Self::ConsentRequired => "consent_required",
            Self::Denied => "denied_by_user",
            Self::NothingToGrant => "nothing_to_grant",
        }
    }
}
