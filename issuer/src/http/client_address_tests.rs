//! Whom a request comes from, whatever is written.

use axum::http::HeaderValue;

use super::*;

fn found(proxies: &Proxies, peer: &str, forwarded: &[&[u8]]) -> String {
    let mut extensions = Extensions::new();
    extensions.insert(Peer(peer.parse().unwrap()));
    let mut headers = HeaderMap::new();
    for value in forwarded {
        let value = HeaderValue::from_bytes(value).unwrap();
        headers.append("x-forwarded-for", value);
    }
    headers.insert(
        "x-envoy-external-address",
        HeaderValue::from_static("203.0.113.66"),
    );
    let found = client_address(&headers, &extensions, proxies);
    found.unwrap().to_string()
}

#[test]
fn a_proxy_is_believed_what_it_appended_and_nobody_else_anything() {
    let proxies = Proxies::loopback();
    for (peer, forwarded, expected) in [
        ("127.0.0.1", &[][..], "127.0.0.1"),
        ("127.0.0.1", &[&b"192.0.2.1"[..]], "192.0.2.1"),
        ("::1", &[b"192.0.2.1"], "192.0.2.1"),
        ("::ffff:127.0.0.1", &[b"192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", &[b"203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        (
            "127.0.0.1",
            &[b"203.0.113.9", b"2001:db8::1"],
            "2001:db8::1",
        ),
        ("127.0.0.1", &[b"203.0.113.9,127.0.0.1"], "127.0.0.1"),
        ("192.0.2.7", &[b"203.0.113.9"], "192.0.2.7"),
        ("2001:db8::7", &[b"127.0.0.1"], "2001:db8::7"),
    ] {
        assert_eq!(found(&proxies, peer, forwarded), expected, "{forwarded:?}");
    }
}

#[test]
fn behind_two_proxies_the_second_entry_counts_if_the_first_is_a_proxy() {
    let networks = ["127.0.0.0/8", "10.1.0.0/16"];
    let networks = networks.map(|network| network.parse().unwrap());
    let proxies = Proxies::new(networks.to_vec(), 2);
    for (forwarded, expected) in [
        (&b"6.6.6.6, 192.0.2.1, 10.1.0.5"[..], "192.0.2.1"),
        // Past the load balancer: who does that is who it is.
        (b"6.6.6.6, 192.0.2.1", "192.0.2.1"),
        (b"6.6.6.6, 10.1.0.9, 10.1.0.5", "10.1.0.9"),
        (b"10.1.0.5", "10.1.0.5"),
        (b"nonsense, 10.1.0.5", "10.1.0.5"),
    ] {
        assert_eq!(found(&proxies, "127.0.0.1", &[forwarded]), expected);
    }
}

#[test]
fn every_form_of_an_address_is_read() {
    for (written, expected) in [
        ("192.0.2.1:4711", "192.0.2.1"),
        (" \t192.0.2.1 ", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ] {
        let found = found(&Proxies::loopback(), "127.0.0.1", &[written.as_bytes()]);
        assert_eq!(found, expected, "{written}");
    }
}

#[test]
fn what_is_no_address_leaves_who_connected() {
    let hundred = ["192.0.2.1"; 100].join(",");
    let long = "1".repeat(60_000);
    let commas = ",".repeat(10_000);
    for written in [
        &b""[..],
        b",",
        b"unknown",
        b"_hidden",
        b"192.0.2.1, unknown",
        b"192.0.2.1,",
        b"192.0.2.256",
        b"192.0.2",
        b"010.0.0.1",
        b"192.0.2.1:99999",
        b"2001:db8::1%eth0",
        b"[192.0.2.1]",
        b"[2001:db8::1",
        b"for=192.0.2.1",
        b"\"192.0.2.1\"",
        b"\xff\xfe",
        long.as_bytes(),
        commas.as_bytes(),
    ] {
        let found = found(&Proxies::loopback(), "127.0.0.1", &[written]);
        assert_eq!(found, "127.0.0.1", "{}", String::from_utf8_lossy(written));
    }
    let found = found(&Proxies::loopback(), "127.0.0.1", &[hundred.as_bytes()]);
    assert_eq!(found, "192.0.2.1");
}

#[test]
fn where_nothing_is_known_there_is_no_address() {
    let nothing = client_address(&HeaderMap::new(), &Extensions::new(), &Proxies::loopback());
    assert_eq!(nothing, None);
}
