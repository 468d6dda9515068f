//! Reading a request's body within bounds of size and time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::protocol::RequestError;

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// [`RequestError`] for a body that is too large, too slow, compressed or cut off.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    timeout: Duration,
) -> Result<Bytes, RequestError> {
    let encoding = headers.get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(RequestError::BodyEncoded);
    }
    if announced_length(headers).is_some_and(|length| length > limit as u64) {
        return Err(RequestError::BodyTooLarge);
    }
    match tokio::time::timeout(timeout, Limited::new(body, limit).collect()).await {
        Err(_) => Err(RequestError::BodyTooSlow),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(RequestError::BodyTooLarge),
        Ok(Err(_)) => Err(RequestError::BodyBroken),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
    }
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
