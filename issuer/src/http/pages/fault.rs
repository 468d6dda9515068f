//! Why a browser sees an error page. It leads nowhere: no link, no redirect, and nothing of what
//! the request brought (RFC 6749 §4.1.2.1).

use super::flow::FlowError;
use crate::pages::texts::{ErrorTexts, Message, Texts};
use crate::protocol::{FormError, LogoutError, OAuthError, PageError, RequestError, Unavailable};

/// The reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The query is longer than is read.
    QueryTooLong,
    /// The form cannot be read.
    Request(RequestError),
    /// An authorization request that nobody can be told about.
    Authorize(PageError),
    /// A logout request that cannot be trusted.
    Logout(LogoutError),
    /// There is no flow, or it is over.
    Flow(FlowError),
    /// The flow belongs to a page of another kind.
    OtherErrand,
    /// The flow was begun in another browser (RFC 9700 §4.7).
    OtherBrowser,
    /// The form comes from another site.
    CrossSite,
    /// The form does not have the token of this page.
    FormToken,
    /// No answer can be given now.
    Unavailable(Unavailable),
    /// The page could not be written.
    Rendering,
}

/// What the page says.
pub(super) struct Explanation {
    pub(super) status: u16,
    pub(super) heading: &'static str,
    pub(super) text: &'static str,
    pub(super) advice: Option<&'static str>,
    /// `Retry-After`, in seconds.
    pub(super) retry_after: Option<u64>,
}

impl Fault {
    pub(super) fn explanation(&self, texts: &Texts) -> Explanation {
        let texts = &texts.errors;
        let explain = |status, Message { heading, text }, advice| Explanation {
            status,
            heading,
            text,
            advice: Some(advice),
            retry_after: None,
        };
        let no_good = |status, text| {
            let heading = texts.cannot_answer;
            explain(status, Message { heading, text }, texts.tell_developer)
        };
        match self {
            Self::QueryTooLong => no_good(414, texts.address_too_long),
            Self::Request(error) => {
                let status = OAuthError::from(error.clone()).wire().status;
                no_good(status, of_request(error, texts))
            }
            Self::Authorize(PageError::Unavailable(error)) | Self::Unavailable(error) => {
                unavailable(error, texts)
            }
            Self::Authorize(error) => no_good(error.wire().status, of_page(error, texts)),
            Self::Logout(error) => no_good(400, of_logout(*error, texts)),
            Self::Flow(FlowError::Unreadable) | Self::OtherErrand => {
                explain(400, texts.nothing_to_go_on_with, texts.start_again)
            }
            Self::Flow(FlowError::Expired) => explain(400, texts.took_too_long, texts.start_again),
            Self::OtherBrowser => explain(403, texts.other_browser, texts.other_browser_advice),
            Self::CrossSite | Self::FormToken => {
                explain(403, texts.form_no_good, texts.start_again)
            }
            Self::Rendering => {
                let heading = texts.went_wrong;
                let text = texts.page_failed;
                explain(500, Message { heading, text }, texts.start_again)
            }
        }
    }

    /// The name of the reason in logs and metrics.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::QueryTooLong => "query_too_long",
            Self::Request(error) => OAuthError::from(error.clone()).reason(),
            Self::Authorize(error) => error.reason(),
            Self::Logout(error) => error.reason(),
            Self::Flow(FlowError::Unreadable) => "flow_unreadable",
            Self::Flow(FlowError::Expired) => "flow_expired",
            Self::OtherErrand => "flow_of_other_kind",
            Self::OtherBrowser => "flow_of_other_browser",
            Self::CrossSite => "form_of_other_site",
            Self::FormToken => "form_token",
            Self::Unavailable(error) => OAuthError::from(error.clone()).reason(),
            Self::Rendering => "rendering",
        }
    }
}

fn unavailable(error: &Unavailable, texts: &ErrorTexts) -> Explanation {
    let wire = OAuthError::from(error.clone()).wire();
    let Message { heading, text } = match error {
        Unavailable::Throttled(_) => texts.too_many_attempts,
        Unavailable::Busy(_) => texts.too_busy,
        _ => Message {
            heading: texts.went_wrong,
            text: texts.cannot_answer_now,
        },
    };
    Explanation {
        status: wire.status,
        heading,
        text,
        advice: Some(texts.wait),
        retry_after: wire.retry_after,
    }
}

fn of_request(error: &RequestError, texts: &ErrorTexts) -> &'static str {
    match error {
        RequestError::BodyTooLarge => texts.body_too_large,
        RequestError::BodyTooSlow => texts.body_too_slow,
        RequestError::BodyBroken => texts.body_incomplete,
        RequestError::BodyEncoded => texts.body_encoded,
        RequestError::WrongContentType => texts.no_form,
        RequestError::MalformedForm(error) => of_form(error, texts),
        RequestError::ParameterInQuery(_)
        | RequestError::OfOtherGrant(_)
        | RequestError::Missing(_)
        | RequestError::Malformed(_) => texts.bad_parameter,
    }
}

fn of_form(error: &FormError, texts: &ErrorTexts) -> &'static str {
    match error {
        FormError::NotUtf8 => texts.not_utf8,
        FormError::TooMany => texts.too_many_parameters,
        FormError::Repeated => texts.repeated_parameter,
    }
}

fn of_page(error: &PageError, texts: &ErrorTexts) -> &'static str {
    match error {
        PageError::MalformedForm(error) => of_form(error, texts),
        PageError::NoClient => texts.no_client_id,
        PageError::UnknownClient => texts.unknown_application,
        PageError::NoRedirectUri => texts.no_redirect_uri,
        PageError::UnregisteredRedirectUri => texts.unregistered_redirect_uri,
        PageError::UnknownRequestUri | PageError::RequestUriUsed => texts.unknown_request_uri,
        PageError::Unavailable(_) => texts.cannot_answer_now,
    }
}

fn of_logout(error: LogoutError, texts: &ErrorTexts) -> &'static str {
    match error {
        LogoutError::UnknownClient => texts.logout_of_unknown,
        LogoutError::InvalidHint | LogoutError::HintOfOtherClient => texts.logout_of_whom,
        LogoutError::RedirectWithoutClient | LogoutError::UnregisteredRedirect => {
            texts.logout_to_unregistered
        }
        LogoutError::StateTooLong => texts.logout_too_long,
    }
}

impl From<OAuthError> for Fault {
    fn from(error: OAuthError) -> Self {
        match error {
            OAuthError::Unavailable(error) => Self::Unavailable(error),
            OAuthError::Request(error) => Self::Request(error),
            OAuthError::Page(error) => Self::Authorize(error),
            // Nothing else comes of what a page does itself.
            _ => Self::Rendering,
        }
    }
}

impl From<Unavailable> for Fault {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

impl From<RequestError> for Fault {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<FlowError> for Fault {
    fn from(error: FlowError) -> Self {
        Self::Flow(error)
    }
}

impl From<PageError> for Fault {
    fn from(error: PageError) -> Self {
        Self::Authorize(error)
    }
}

impl From<LogoutError> for Fault {
    fn from(error: LogoutError) -> Self {
        Self::Logout(error)
    }
}

impl From<askama::Error> for Fault {
    fn from(_: askama::Error) -> Self {
        Self::Rendering
    }
}
