//! Reading a request's body within bounds of size and time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::BodyExt as _;

use crate::protocol::RequestError;

/// How much of a body that is refused is read all the same, in bytes. Who is still sending when the
/// connection is closed may never see the answer: Envoy makes a 503 of it.
const READ_AND_DROPPED: u64 = 16 << 20;

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
    if announced_length(headers).is_some_and(|length| length > READ_AND_DROPPED) {
        return Err(RequestError::BodyTooLarge);
    }
    let read = tokio::time::timeout(timeout, collect(body, limit));
    let body = read.await.map_err(|_| RequestError::BodyTooSlow)??;
    let encoding = headers.get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(RequestError::BodyEncoded);
    }
    Ok(body)
}

/// Keeps no more than `limit` bytes, whatever comes.
async fn collect(mut body: Body, limit: usize) -> Result<Bytes, RequestError> {
    let mut kept = Vec::new();
    let mut seen = 0_u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| RequestError::BodyBroken)?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        seen = seen.saturating_add(data.len() as u64);
        if seen > READ_AND_DROPPED {
            break;
        }
        if seen <= limit as u64 {
            kept.extend_from_slice(data);
        }
    }
    if seen > limit as u64 {
        return Err(RequestError::BodyTooLarge);
    }
    Ok(kept.into())
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
