//! Which ids are URLs of documents.

use super::*;
use crate::protocol::fixture::{Fixture, block_on};
use crate::protocol::{ClientRequest, registration::Offer};

pub(crate) fn policy(allow_loopback: bool, hosts: Option<&[&str]>) -> ClientIdMetadataPolicy {
    ClientIdMetadataPolicy {
        allow_loopback,
        allowed_hosts: hosts.map(|hosts| hosts.iter().map(|host| (*host).to_owned()).collect()),
        offer: Offer {
            grants: [].into(),
            scope: Default::default(),
            default_scope: Default::default(),
            always_scope: Default::default(),
            private_use_schemes: false,
            id_token_algorithms: [].into(),
        },
    }
}

fn is_taken(id: &str, policy: &ClientIdMetadataPolicy) -> bool {
    DocumentUrl::parse(id, policy).is_some()
}

#[test]
fn an_id_is_https_with_a_path_and_nothing_that_two_readers_read_in_two_ways() {
    let policy = policy(false, None);
    for id in [
        "https://app.example/client.json",
        "https://app.example/a/b?v=1",
        "https://app.example/.well-known/client",
        "https://198.51.100.1/client",
        "https://[2001:db8::1]/client",
        "https://xn--bcher-kva.example/client",
        "https://app.example/@who/client.json",
        "https://app.example/a//b",
        "https://app.example/a%2Fb",
        "https://app.example/...",
    ] {
        assert!(is_taken(id, &policy), "{id}");
    }
    for id in [
        "web",
        "https://app.example",
        "https://app.example/",
        "https://app.example?x=/y",
        "http://app.example/client",
        "HTTPS://app.example/client",
        "https://APP.example/client",
        "https://app.example:443/client",
        "https://app.example/client#x",
        "https://app.example/client#",
        "https://u@app.example/client",
        "https://u:p@app.example/client",
        "https://@app.example/client",
        "https://app.example/a/../client",
        "https://app.example/./client",
        "https://app.example/a/%2e%2e/client",
        "https://app.example/a/%2E/client",
        "https://app.example\\client/x",
        "https:app.example/client",
        "https:///app.example/client",
        "https://app.example/a b",
        "https://0x7f.1/client",
        "https://2130706433/client",
        "https://127.1/client",
        "https://0177.0.0.1/client",
        "https://0x7f000001/client",
        "https://017700000001/client",
        "https://127.0.0.1./client",
        "https://app.example./client",
        "https://localhost./client",
        "https://LOCALHOST/client",
        "https://[::0001]/client",
        "https://[::127.0.0.1]/client",
        "https://[0:0:0:0:0:ffff:7f00:1]/client",
        "https://[fe80::1%25eth0]/client",
        "https://b\u{fc}cher.example/client",
        "https://\u{ff4c}ocalhost/client",
        "https://app%2eexample/client",
        "https://app.example:0443/client",
        "https://app.example:/client",
        "https://app.example:70000/client",
        "https://app.example/a/.%2e/client",
        "https://app.example/a/..",
        "https://app.example/a/.",
        "https://app.example/client\t",
        " https://app.example/client",
        "ftp://app.example/client",
        "urn:client/x",
        "https://localhost/client",
        "https://127.0.0.1/client",
        "https://[::1]/client",
        "http://localhost/client",
    ] {
        assert!(!is_taken(id, &policy), "{id}");
    }
}

#[test]
fn loopback_is_taken_where_it_is_allowed_and_without_tls_nothing_else() {
    let policy = policy(true, None);
    for (id, taken) in [
        ("http://localhost:7000/client.json", true),
        ("http://127.0.0.1:7000/client.json", true),
        ("https://[::1]:7000/client.json", true),
        ("https://app.example/client.json", true),
        ("http://app.example/client.json", false),
        ("http://192.168.0.1/client.json", false),
        ("http://localhost.evil.example/client.json", false),
    ] {
        assert_eq!(is_taken(id, &policy), taken, "{id}");
    }
}

#[test]
fn no_port_of_another_host_is_chosen_by_a_stranger() {
    for policy in [policy(false, None), policy(true, Some(&["app.example"]))] {
        assert!(is_taken("https://app.example/client", &policy));
        for port in [1, 22, 80, 444, 6379, 8443] {
            let id = format!("https://app.example:{port}/client");
            assert!(!is_taken(&id, &policy), "{id}");
        }
    }
}

#[test]
fn a_site_is_all_that_one_name_may_have_below_it() {
    for (id, site) in [
        ("https://app.example/c", "app.example"),
        ("https://a.b.app.example/c", "app.example"),
        ("https://example/c", "example"),
        ("https://192.0.2.1/c", "192.0.2.1"),
        ("https://[2001:db8::1]/c", "[2001:db8::1]"),
    ] {
        let url = DocumentUrl::parse(id, &policy(false, None)).unwrap();
        assert_eq!(url.site(), site);
    }
}

#[test]
fn a_list_of_hosts_is_complete() {
    let policy = policy(false, Some(&["app.example"]));
    assert!(is_taken("https://app.example/client", &policy));
    assert!(!is_taken("https://evil.app.example/client", &policy));
    assert!(!is_taken("https://other.example/client", &policy));
}

#[test]
fn what_is_asked_for_is_what_the_id_says() {
    for (id, authority, port) in [
        ("https://app.example/a/b?v=1", "app.example", 443),
        ("https://localhost:8443/a/b?v=1", "localhost:8443", 8443),
    ] {
        let url = DocumentUrl::parse(id, &policy(true, None)).unwrap();
        assert_eq!(
            (url.authority(), url.port(), url.path_and_query()),
            (authority, port, "/a/b?v=1")
        );
    }
}

#[test]
fn a_request_names_clients_by_id_and_by_assertion() {
    let fixture = Fixture::demo();
    let assertion = "x.eyJzdWIiOiJodHRwczovL2IuZXhhbXBsZS9jIn0.y";
    let body = format!(
        "client_id=https%3A%2F%2Fa.example%2Fc&client_assertion={assertion}&token=no.jwt.x"
    );
    let request = ClientRequest {
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    let named_here = block_on(named(fixture.context(), &request, Depth::Grants)).unwrap();
    let by_others = |id: &str| Named {
        id: id.parse().unwrap(),
        by_us: false,
    };
    assert_eq!(
        named_here,
        ["https://a.example/c", "https://b.example/c"].map(by_others)
    );
    let empty = ClientRequest::default();
    let nothing = named(fixture.context(), &empty, Depth::Grants);
    assert_eq!(block_on(nothing).unwrap(), []);
}
