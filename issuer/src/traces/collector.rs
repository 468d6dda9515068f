//! One call to the collector: OTLP over HTTP, in protobuf (OTLP specification 1, OTLP/HTTP).

use std::fmt;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::handshake;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use prost::Message as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::otlp::ExportResponse;
use crate::config::OtlpEndpoint;

/// Answers have a few bytes; more of one is not read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// The most that the collector can have us wait.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// The collector took the spans, but for so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) rejected: usize,
}

/// Why the spans are not there.
#[derive(Debug)]
pub(super) enum NotTaken {
    /// It did not answer in time.
    TimedOut,
    /// No connection came about.
    Unreachable(std::io::Error),
    /// The connection broke, or what came was no HTTP.
    Broken(hyper::Error),
    /// It answered that it may be tried again, and perhaps when.
    Later(StatusCode, Option<Duration>),
    /// It answered that it never takes these.
    Never(StatusCode),
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("it did not answer in time"),
            Self::Unreachable(error) => write!(f, "no connection: {error}"),
            Self::Broken(error) => write!(f, "the connection broke: {error}"),
            Self::Later(status, _) | Self::Never(status) => write!(f, "it answered {status}"),
        }
    }
}

/// Sends an `ExportTraceServiceRequest`. The connection is for this call alone: there is one every few
/// seconds, and none can have gone stale.
pub(super) async fn send(
    endpoint: &OtlpEndpoint,
    message: Vec<u8>,
    patience: Duration,
) -> Result<Taken, NotTaken> {
    let answered = timeout(patience, call(endpoint, message)).await;
    answered.unwrap_or(Err(NotTaken::TimedOut))
}

async fn call(endpoint: &OtlpEndpoint, message: Vec<u8>) -> Result<Taken, NotTaken> {
    let stream = TcpStream::connect((endpoint.host(), endpoint.port())).await;
    let stream = TokioIo::new(stream.map_err(NotTaken::Unreachable)?);
    let (mut sender, connection) = handshake(stream).await.map_err(NotTaken::Broken)?;
    let exchange = async {
        let response = sender.send_request(request(endpoint, message)).await;
        read(response.map_err(NotTaken::Broken)?).await
    };
    // The connection does the work; the exchange ends first, or says why the connection did.
    tokio::pin!(exchange);
    tokio::select! {
        answered = &mut exchange => answered,
        _ = connection => exchange.await,
    }
}

fn request(endpoint: &OtlpEndpoint, message: Vec<u8>) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(Bytes::from(message)));
    *request.method_mut() = hyper::Method::POST;
    *request.uri_mut() = endpoint.traces().clone();
    let headers = request.headers_mut();
    headers.insert(HOST, endpoint.authority().clone());
    let own = [
        (CONTENT_TYPE, "application/x-protobuf"),
        (CONNECTION, "close"),
        (
            USER_AGENT,
            concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
        ),
    ];
    for (name, value) in own {
        headers.insert(name, hyper::header::HeaderValue::from_static(value));
    }
    request
}

async fn read(response: Response<Incoming>) -> Result<Taken, NotTaken> {
    let status = response.status();
    match status {
        // These alone may be tried again ("Retryable Response Codes").
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => {
            Err(NotTaken::Later(status, retry_after(response.headers())))
        }
        status if status.is_success() => {
            let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES);
            // What cannot be read says nothing of a part that was refused: success is what it said.
            let body = body
                .collect()
                .await
                .map(http_body_util::Collected::to_bytes);
            let answer = ExportResponse::decode(body.unwrap_or_default()).unwrap_or_default();
            let rejected = answer.partial_success.map_or(0, |part| part.rejected_spans);
            Ok(Taken {
                rejected: usize::try_from(rejected).unwrap_or(0),
            })
        }
        status => Err(NotTaken::Never(status)),
    }
}

/// Seconds alone; a date is not worth a calendar here.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}
