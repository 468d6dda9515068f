//! The host's functions: the only file that calls them.
//!
//! Wherever the SDK's own wrapper would panic on bytes that a client chose or on a status that it
//! does not know, the raw function is called here instead: a panic takes the whole worker's VM down.

pub(crate) mod filter_state;
mod metrics;
mod random;
mod raw;
mod raw_values;
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

/// Carries the changes out: removals first, so that what is set is all that is left. Whether all of
/// them took effect; without that the request must not go on.
#[must_use]
pub(crate) fn apply(edits: &HeaderEdits<'_>) -> bool {
    let map = MapType::HttpRequestHeaders;
    let mut remove = edits.remove.iter();
    let mut set = edits.set.iter();
    remove.all(|name| raw::remove_header(map, name))
        && set.all(|(name, value)| raw::replace_header(map, name.as_bytes(), value))
}

/// Whether the trailer is gone.
#[must_use]
pub(crate) fn remove_request_trailer(name: &[u8]) -> bool {
    raw::remove_header(MapType::HttpRequestTrailers, name)
}

/// Answers the request from here.
pub(crate) fn send_answer(answer: &Answer) {
    if !raw::send_local_response(answer) {
        // A request that is neither answered nor let go hangs; a VM that ends has its requests
        // refused by the host.
        log_critical("dockgate: the host sends no answer: allow proxy_send_local_response");
        std::process::abort();
    }
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
