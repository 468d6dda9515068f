//! Whose word counts about the trace of a request.

use std::net::IpAddr;

use super::*;

const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn check(peer: Option<&str>, values: &[&str], expected: bool) {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append("traceparent", value.parse().unwrap());
    }
    let mut extensions = Extensions::new();
    if let Some(peer) = peer {
        extensions.insert(Peer(peer.parse::<IpAddr>().unwrap()));
    }
    let parent = trace_parent(&headers, &extensions, &Proxies::loopback());
    assert_eq!(
        parent,
        expected.then(|| Parent::parse(GOOD.as_bytes()).unwrap())
    );
}

#[test]
fn a_proxy_says_to_which_trace_a_request_belongs_and_nobody_else_does() {
    check(Some("127.0.0.1"), &[GOOD], true);
    check(Some("::1"), &[GOOD], true);
    check(Some("::ffff:127.0.0.1"), &[GOOD], true);
    check(Some("192.0.2.1"), &[GOOD], false);
    check(Some("::ffff:192.0.2.1"), &[GOOD], false);
    check(None, &[GOOD], false);
    check(Some("127.0.0.1"), &[], false);
    check(Some("127.0.0.1"), &["00-garbage"], false);
    check(Some("127.0.0.1"), &[GOOD, GOOD], false);
}
