//! What a browser is answered with.

use askama::Template;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tracing::{error, info};

use super::fault::Fault;
use super::visit::Visit;
use crate::http::request_id::request_id;
use crate::metrics;
use crate::pages::{ErrorPage, FormPostPage, LeavePage, Protection, WayOut};
use crate::protocol::authorize::{AuthorizationResponse, AuthorizeError, Refused, ResponseMode};
use crate::protocol::{OAuthError, PageError, Unavailable};

/// A page, or another place to go.
pub(super) enum Answer {
    Page {
        status: StatusCode,
        html: String,
        protection: Protection,
        /// `Retry-After`, in seconds.
        retry_after: Option<u64>,
    },
    /// By 303: whatever was posted here is not posted there as well (RFC 9700 §4.12).
    Redirect(String),
}

impl Answer {
    pub(super) fn page(page: &impl Template, protection: Protection) -> Result<Self, Fault> {
        Self::page_with(StatusCode::OK, page, protection, None)
    }

    pub(super) fn page_with(
        status: StatusCode,
        page: &impl Template,
        protection: Protection,
        retry_after: Option<u64>,
    ) -> Result<Self, Fault> {
        Ok(Self::Page {
            status,
            html: page.render()?,
            protection,
            retry_after,
        })
    }

    /// Goes to a page of ours with its flow. Relative: the issuer may live under a path.
    pub(super) fn to_page(page: &str, sealed_flow: &str) -> Self {
        Self::Redirect(format!("{page}?flow={sealed_flow}"))
    }
}

impl Visit {
    /// Goes back to the client.
    pub(super) fn respond(&self, response: &AuthorizationResponse) -> Result<Answer, Fault> {
        if response.mode != ResponseMode::FormPost {
            return Ok(Answer::Redirect(response.location()));
        }
        let page = FormPostPage {
            frame: &self.frame(),
            action: &response.redirect_uri,
            fields: &response.parameters,
        };
        Answer::page(&page, Protection::Posting)
    }

    /// Tells the client of an error, or the user where the client is not certain.
    pub(super) fn refuse(&self, refused: AuthorizeError) -> Result<Answer, Fault> {
        match refused {
            AuthorizeError::Page(reason) => {
                metrics::authorization(Err("page"));
                Err(reason.into())
            }
            AuthorizeError::Redirect(refused) => {
                self.note(&refused);
                self.respond(&refused.response)
            }
            AuthorizeError::Offer { refused, host } => {
                self.note(&refused);
                self.offer(&refused, &host)
            }
        }
    }

    fn note(&self, refused: &Refused) {
        metrics::authorization(Err(refused.reason.wire().error));
        self.log_reason(&refused.reason);
    }

    /// Shows where the answer would go, for the user to go there or not.
    fn offer(&self, refused: &Refused, host: &str) -> Result<Answer, Fault> {
        let response = &refused.response;
        let location = response.location();
        let (way, protection) = match response.mode {
            ResponseMode::FormPost => {
                let (action, fields) = (&response.redirect_uri, &response.parameters);
                (WayOut::Post { action, fields }, Protection::Leaving)
            }
            ResponseMode::Query | ResponseMode::Fragment => {
                (WayOut::Link(&location), Protection::Own)
            }
        };
        let page = LeavePage {
            frame: &self.frame(),
            message: self.texts().leave.refused,
            as_wished: false,
            host,
            way,
            reference: request_id(&self.parts.headers),
        };
        Answer::page_with(StatusCode::BAD_REQUEST, &page, protection, None)
    }

    /// Makes the response: security headers and cookies go with every one.
    pub(super) fn finish(self, answer: Result<Answer, Fault>) -> Response {
        let answer = answer.unwrap_or_else(|fault| self.explain(&fault));
        let mut response = match answer {
            Answer::Redirect(target) => redirect(&target),
            Answer::Page {
                status,
                html,
                protection,
                retry_after,
            } => page(status, html, self.app.brand.policy(protection), retry_after),
        };
        let headers = response.headers_mut();
        for (name, value) in Protection::HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        for cookie in self.cookies {
            headers.append(SET_COOKIE, cookie);
        }
        response
    }

    fn explain(&self, fault: &Fault) -> Answer {
        self.log_fault(fault);
        let explanation = fault.explanation(self.texts());
        let page = ErrorPage {
            frame: &self.frame(),
            heading: explanation.heading,
            explanation: explanation.text,
            advice: explanation.advice,
            reference: request_id(&self.parts.headers),
        };
        let status = StatusCode::from_u16(explanation.status);
        Answer::Page {
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            html: page.render().unwrap_or_default(),
            protection: Protection::Own,
            retry_after: explanation.retry_after,
        }
    }

    fn log_fault(&self, fault: &Fault) {
        if let Fault::Unavailable(reason) | Fault::Authorize(PageError::Unavailable(reason)) = fault
        {
            return self.log_reason(&reason.clone().into());
        }
        let (request_id, path) = (request_id(&self.parts.headers), self.parts.uri.path());
        info!(request_id, path, reason = fault.reason(), "page refused");
    }

    /// Notes why a request is refused; what it sent is not in it.
    pub(super) fn log_reason(&self, reason: &OAuthError) {
        if let OAuthError::Unavailable(_) = reason {
            metrics::turned_away(reason.reason());
        }
        let (request_id, path) = (request_id(&self.parts.headers), self.parts.uri.path());
        if let OAuthError::Unavailable(Unavailable::Store(failure)) = reason {
            error!(request_id, path, %failure, "the store failed");
        } else {
            info!(
                request_id,
                path,
                reason = reason.reason(),
                "request refused"
            );
        }
    }
}

fn page(status: StatusCode, html: String, policy: &str, retry_after: Option<u64>) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, policy),
    ];
    let mut response = (status, headers, html).into_response();
    if let Some(seconds) = retry_after {
        let value = HeaderValue::from(seconds);
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    response
}

/// The targets are URIs, which are ASCII: registered ones with values that are percent-encoded, or
/// pages of ours.
fn redirect(target: &str) -> Response {
    match HeaderValue::from_str(target) {
        Ok(target) => (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
