//! Why a browser sees an error page. It leads nowhere: no link, no redirect, and nothing of what
//! the request brought (RFC 6749 §4.1.2.1).

use super::flow::FlowError;
use crate::protocol::{LogoutError, OAuthError, PageError, RequestError, Unavailable};

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

const START_AGAIN: &str = "Go back to the application and start again from there.";
const TELL_DEVELOPER: &str =
    "Go back to the application. If this happens again, tell those who run it what you see here.";

impl Fault {
    pub(super) fn explanation(&self) -> Explanation {
        let explain = |status, heading, text, advice| Explanation {
            status,
            heading,
            text,
            advice: Some(advice),
            retry_after: None,
        };
        let no_good = "This request cannot be answered";
        match self {
            Self::QueryTooLong => explain(414, no_good, "The address is too long.", TELL_DEVELOPER),
            Self::Request(error) => {
                let wire = OAuthError::from(error.clone()).wire();
                explain(wire.status, no_good, wire.description, TELL_DEVELOPER)
            }
            Self::Authorize(PageError::Unavailable(error)) | Self::Unavailable(error) => {
                unavailable(error)
            }
            Self::Authorize(error) => {
                let wire = error.wire();
                explain(wire.status, no_good, wire.description, TELL_DEVELOPER)
            }
            Self::Logout(error) => explain(400, no_good, error.description(), TELL_DEVELOPER),
            Self::Flow(FlowError::Unreadable) | Self::OtherErrand => explain(
                400,
                "There is nothing to go on with",
                "This page is only a step on the way from an application.",
                START_AGAIN,
            ),
            Self::Flow(FlowError::Expired) => explain(
                400,
                "This took too long",
                "The page was open for more than an hour and is no longer good.",
                START_AGAIN,
            ),
            Self::OtherBrowser => explain(
                403,
                "This was begun in another browser",
                "The page belongs to a browser that is not this one, or this one has lost its cookies.",
                "Open the application again in this browser. If somebody sent you the link, close this page.",
            ),
            Self::CrossSite | Self::FormToken => explain(
                403,
                "This form is not good any more",
                "It is out of date, or it does not come from this site.",
                START_AGAIN,
            ),
            Self::Rendering => {
                explain(500, "Something went wrong", "The page failed.", START_AGAIN)
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

fn unavailable(error: &Unavailable) -> Explanation {
    let wire = OAuthError::from(error.clone()).wire();
    let (heading, text) = match error {
        Unavailable::Throttled(_) => ("Too many attempts", "There were too many attempts."),
        Unavailable::Busy(_) => ("Too busy", "Too many people are signing in just now."),
        _ => ("Something went wrong", "The server cannot answer now."),
    };
    Explanation {
        status: wire.status,
        heading,
        text,
        advice: Some("Wait a little and try again."),
        retry_after: wire.retry_after,
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
