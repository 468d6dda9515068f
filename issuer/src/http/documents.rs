//! Public documents that are the same for everyone until the next start.

use axum::body::Bytes;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// A document with its headers, ready to send.
#[derive(Clone)]
pub(super) struct Document {
    content_type: &'static str,
    cache_control: String,
    body: Bytes,
}

impl Document {
    pub(super) fn new(content_type: &'static str, body: String, max_age_seconds: u64) -> Self {
        let cache_control = format!("public, max-age={max_age_seconds}");
        Self {
            content_type,
            cache_control,
            body: body.into(),
        }
    }

    /// Pages of any origin may read it: there is nothing in it that depends on who asks.
    pub(super) fn response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, self.content_type),
            (CACHE_CONTROL, self.cache_control.as_str()),
            (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        ];
        (headers, self.body).into_response()
    }
}
