//! `POST /v1/chat/completions`, in the shape of OpenAI's API: one JSON answer, or server-sent
//! events when the request says `"stream": true`.
//!
//! One field is ours: `"dockgate_stream_seconds": N` (at most 600) makes the stream last N
//! seconds with a word each second, for tests of proxies' timeouts.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval};

const REPLY: [&str; 4] = ["Hello", " from", " behind", " Envoy"];
const LONGEST_STREAM: u32 = 600;
const ID: &str = "chatcmpl-demo";
/// Constant, so that answers can be compared: 2026-01-01.
const CREATED: u64 = 1_767_225_600;

/// What the request may say; everything else in it is accepted and not looked at.
#[derive(Deserialize)]
pub(crate) struct Request {
    #[serde(default = "default_model")]
    model: String,
    #[serde(default)]
    stream: bool,
    dockgate_stream_seconds: Option<u32>,
}

fn default_model() -> String {
    "demo".to_owned()
}

/// Answers in one piece or in events.
pub(crate) async fn completions(request: Result<Json<Request>, JsonRejection>) -> Response {
    match request {
        Ok(Json(request)) if request.stream => {
            Sse::new(events(chunks(&request), pace(&request))).into_response()
        }
        Ok(Json(request)) => Json(completion(&request.model)).into_response(),
        Err(rejection) => {
            let message = rejection.body_text();
            let error = json!({ "message": message, "type": "invalid_request_error" });
            (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
        }
    }
}

fn completion(model: &str) -> Value {
    let words = u64::try_from(REPLY.len()).unwrap_or_default();
    json!({
        "id": ID,
        "object": "chat.completion",
        "created": CREATED,
        "model": model,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": REPLY.concat() },
            "finish_reason": "stop",
        }],
        "usage": { "prompt_tokens": 1, "completion_tokens": words, "total_tokens": 1 + words },
    })
}

/// The data of every event, in order.
fn chunks(request: &Request) -> Vec<String> {
    let words: Vec<&str> = match request.dockgate_stream_seconds {
        Some(seconds) => {
            // One event comes at once, so N seconds are N + 1 words.
            let words = usize::try_from(seconds.min(LONGEST_STREAM)).unwrap_or_default() + 1;
            REPLY.into_iter().cycle().take(words).collect()
        }
        None => REPLY.to_vec(),
    };
    let chunk = |delta: Value, finish: Option<&str>| {
        json!({
            "id": ID,
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": request.model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
        })
        .to_string()
    };
    let mut chunks: Vec<String> = words
        .into_iter()
        .map(|word| chunk(json!({ "content": word }), None))
        .collect();
    chunks.push(chunk(json!({}), Some("stop")));
    chunks.push("[DONE]".to_owned());
    chunks
}

fn pace(request: &Request) -> Option<Interval> {
    request.dockgate_stream_seconds.map(|_| {
        let mut pace = interval(Duration::from_secs(1));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pace
    })
}

/// One event per chunk, as fast as the pace allows; the last two close the stream and follow at
/// once.
fn events(
    chunks: Vec<String>,
    pace: Option<Interval>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(
        (chunks.into_iter(), pace),
        |(mut chunks, mut pace)| async move {
            let chunk = chunks.next()?;
            if let Some(pace) = pace.as_mut().filter(|_| chunks.len() >= 2) {
                pace.tick().await;
            }
            Some((Ok(Event::default().data(chunk)), (chunks, pace)))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(seconds: Option<u32>) -> Request {
        Request {
            model: default_model(),
            stream: true,
            dockgate_stream_seconds: seconds,
        }
    }

    #[test]
    fn a_stream_ends_as_clients_expect() {
        let chunks = chunks(&request(None));
        assert_eq!(chunks.len(), REPLY.len() + 2);
        assert!(chunks[REPLY.len()].contains(r#""finish_reason":"stop""#));
        assert_eq!(chunks.last().unwrap(), "[DONE]");
    }

    #[test]
    fn the_length_of_a_stream_is_bounded() {
        assert_eq!(chunks(&request(Some(60))).len(), 61 + 2);
        assert_eq!(chunks(&request(Some(u32::MAX))).len(), 601 + 2);
    }
}
