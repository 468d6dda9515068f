//! Which address a request comes from. It serves to count failures by and for nothing else: no
//! right depends on it.
//!
//! Who connects is who it is, unless it is a proxy that the operator has named: what that says in
//! `x-forwarded-for` counts. Envoy, with `use_remote_address`, appends the address of who connected to
//! it; what stands before that anybody can invent. `x-envoy-external-address` is not read: of requests
//! that Envoy takes for internal it passes on what the client wrote there.

use std::net::{IpAddr, SocketAddr};

use axum::http::{Extensions, HeaderMap};

use crate::proxies::Proxies;

/// The address at the other end of the connection, as the accept loop saw it.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// The client's address as the proxies tell it, as far as they are to be believed.
pub(super) fn client_address(
    headers: &HeaderMap,
    extensions: &Extensions,
    proxies: &Proxies,
) -> Option<IpAddr> {
    let Peer(peer) = *extensions.get()?;
    let mut address = peer;
    for entry in entries(headers).take(proxies.in_a_row()) {
        if !proxies.contains(address) {
            break;
        }
        // Who wrote something else instead is the last of whom anything is known.
        let Some(before) = parse(entry) else {
            break;
        };
        address = before;
    }
    Some(address)
}

/// The entries of all `x-forwarded-for` headers, the last one first.
fn entries(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let headers = headers.get_all("x-forwarded-for").iter().rev();
    headers.flat_map(|header| header.as_bytes().rsplit(|byte| *byte == b','))
}

/// An address as proxies write it: with a port, perhaps, and IPv6 then in brackets (RFC 7239 §6).
fn parse(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim_ascii();
    let bare = || {
        let inner = entry.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse().ok().map(IpAddr::V6)
    };
    let with_port = || Some(entry.parse::<SocketAddr>().ok()?.ip());
    let address = entry.parse().ok().or_else(with_port).or_else(bare)?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
#[path = "client_address_tests.rs"]
mod tests;
