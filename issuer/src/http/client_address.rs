//! Which address a request comes from. It serves to count failures by and for nothing else: no
//! right depends on it.
//!
//! Envoy alone reaches the issuer's port. With `use_remote_address` it writes the address of who
//! connected to it into `x-envoy-external-address`, over whatever was sent, and appends it to
//! `x-forwarded-for`, whose earlier entries anybody can invent.

use std::net::IpAddr;

use axum::http::{Extensions, HeaderMap};

/// The address at the other end of the connection, as the accept loop saw it.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// The client's address as Envoy tells it, or without Envoy the peer's.
pub(super) fn client_address(headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    let told = headers.get("x-envoy-external-address");
    let told = told.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let forwarded = || {
        let last = headers.get_all("x-forwarded-for").iter().next_back()?;
        last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    let peer = || extensions.get().map(|Peer(address)| *address);
    told.or_else(forwarded).or_else(peer)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn what_envoy_says_counts_and_what_anybody_can_invent_does_not() {
        let mut peer = Extensions::new();
        peer.insert(Peer("127.0.0.1".parse().unwrap()));
        for (headers, expected) in [
            (&[][..], "127.0.0.1"),
            (&[("x-envoy-external-address", "192.0.2.1")], "192.0.2.1"),
            (
                &[
                    ("x-forwarded-for", "203.0.113.9"),
                    ("x-envoy-external-address", "192.0.2.1"),
                ],
                "192.0.2.1",
            ),
            (
                &[("x-forwarded-for", "203.0.113.9, 192.0.2.1")],
                "192.0.2.1",
            ),
            (
                &[
                    ("x-forwarded-for", "203.0.113.9"),
                    ("x-forwarded-for", "2001:db8::1"),
                ],
                "2001:db8::1",
            ),
            (&[("x-forwarded-for", "203.0.113.9, nonsense")], "127.0.0.1"),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, HeaderValue::from_static(value));
            }
            let found = client_address(&map, &peer).unwrap();
            assert_eq!(found.to_string(), expected, "{headers:?}");
        }
        assert_eq!(client_address(&HeaderMap::new(), &Extensions::new()), None);
    }
}
