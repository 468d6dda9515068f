//! The trace that a request belongs to, as the proxy in front says it.

use axum::http::{Extensions, HeaderMap};

use super::client_address::Peer;
use crate::proxies::Proxies;
use crate::traces::Parent;

/// The span that the request comes from, if a proxy says so. From anybody else it counts for nothing:
/// who may choose it can have every request traced, and can put theirs into the trace of another.
pub(super) fn trace_parent(
    headers: &HeaderMap,
    extensions: &Extensions,
    proxies: &Proxies,
) -> Option<Parent> {
    let Peer(peer) = *extensions.get()?;
    if !proxies.contains(peer) {
        return None;
    }
    let mut values = headers.get_all("traceparent").iter();
    let value = values.next()?;
    // Two callers are none (W3C Trace Context §3.2).
    match values.next() {
        None => Parent::parse(value.as_bytes()),
        Some(_) => None,
    }
}

#[cfg(test)]
#[path = "trace_parent_tests.rs"]
mod tests;
