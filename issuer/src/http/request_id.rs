//! The request's id, from Envoy, so that a log line here can be found there.

use axum::http::HeaderMap;

/// Longer ones are not ids.
const MAX_BYTES: usize = 128;

/// The `x-request-id` header if it is fit for a log line.
pub(super) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let value = headers
        .get("x-request-id")
        .and_then(|value| value.to_str().ok());
    let safe = |id: &&str| id.len() <= MAX_BYTES && id.bytes().all(|byte| byte.is_ascii_graphic());
    value.filter(safe)
}
