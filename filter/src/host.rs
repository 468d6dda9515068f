//! The host's functions: the only file that calls them.
//!
//! Wherever the SDK's own wrapper would panic on bytes that a client chose or on a status that it
//! does not know, the raw function is called here instead: a panic takes the whole worker's VM down.

pub(crate) mod filter_state;
mod gauge;
mod metrics;
mod random;
mod raw;
pub(crate) mod shared_data;
mod verifier;

use dockgate_policy::answer::Answer;
use dockgate_policy::config::{Location, RemoteJwks};
use dockgate_policy::{HeaderEdits, UnixSeconds};
use proxy_wasm::hostcalls;
use proxy_wasm::types::{BufferType, LogLevel, MapType, Status};
use std::time::Duration;

pub(crate) use metrics::Metrics;
pub(crate) use random::random;
pub(crate) use raw::HeaderBlock;
pub(crate) use verifier::HostVerifier;

/// The plugin's configuration, as JSON.
pub(crate) fn plugin_configuration(size: usize) -> Vec<u8> {
    buffer(BufferType::PluginConfiguration, size)
}

/// The host's clock. Should it ever fail, the time is so late that every token has expired.
pub(crate) fn now() -> UnixSeconds {
    raw::current_time_nanoseconds()
        .map_or(UnixSeconds::MAX, |nanoseconds| nanoseconds / 1_000_000_000)
}

pub(crate) fn set_tick_period(period: Duration) {
    ignore(hostcalls::set_tick_period(period));
}

pub(crate) fn log_critical(message: &str) {
    ignore(hostcalls::log(LogLevel::Critical, message));
}

pub(crate) fn log_info(message: &str) {
    ignore(hostcalls::log(LogLevel::Info, message));
}

pub(crate) fn log_warn(message: &str) {
    ignore(hostcalls::log(LogLevel::Warn, message));
}

/// Every header of the request, in one crossing.
pub(crate) fn request_headers() -> HeaderBlock {
    raw::header_block(MapType::HttpRequestHeaders)
}

/// Every trailer of the request.
pub(crate) fn request_trailers() -> HeaderBlock {
    raw::header_block(MapType::HttpRequestTrailers)
}

/// Carries the changes out: removals first, so that what is set is all that is left.
pub(crate) fn apply(edits: &HeaderEdits<'_>) {
    for name in &edits.remove {
        raw::remove_header(MapType::HttpRequestHeaders, name);
    }
    for (name, value) in &edits.set {
        raw::replace_header(MapType::HttpRequestHeaders, name.as_bytes(), value);
    }
}

pub(crate) fn remove_request_trailer(name: &[u8]) {
    raw::remove_header(MapType::HttpRequestTrailers, name);
}

/// Answers the request from here.
pub(crate) fn send_answer(answer: &Answer) {
    raw::send_local_response(answer);
}

/// Starts a GET of a document of an issuer; the host's token for the call comes back with the answer.
pub(crate) fn get(source: &RemoteJwks, location: &Location) -> Result<u32, String> {
    let headers = vec![
        (":method", "GET"),
        (":path", location.path.as_str()),
        (":authority", location.authority.as_str()),
        ("accept", "application/json"),
    ];
    let timeout = Duration::from_millis(source.timeout_milliseconds);
    hostcalls::dispatch_http_call(&source.cluster, headers, None, Vec::new(), timeout).map_err(
        |status| match status {
            Status::BadArgument => format!("Envoy has no cluster named {:?}", source.cluster),
            other => format!("the call could not be made ({other:?})"),
        },
    )
}

/// Every header of the answer to a call.
pub(crate) fn call_response_headers() -> HeaderBlock {
    raw::header_block(MapType::HttpCallResponseHeaders)
}

/// The body of the answer to a call.
pub(crate) fn call_response_body(size: usize) -> Vec<u8> {
    buffer(BufferType::HttpCallResponseBody, size)
}

fn buffer(kind: BufferType, size: usize) -> Vec<u8> {
    hostcalls::get_buffer(kind, 0, size)
        .ok()
        .flatten()
        .unwrap_or_default()
}

/// For calls whose failure changes nothing that this side could do.
fn ignore(outcome: Result<(), Status>) {
    let _ = outcome;
}
