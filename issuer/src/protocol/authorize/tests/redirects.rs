//! Which redirect URIs are a client's (AS-001 to AS-009).

use super::*;

/// Whether a client may be redirected to.
fn accepted(fixture: &Fixture, client: &str, uri: &str) -> bool {
    let changes = [
        ("client_id", client),
        ("redirect_uri", uri),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    match read_query(fixture, &query(&changes)) {
        Ok(request) => {
            assert_eq!(request.redirect.uri, uri, "sent back to where it asked for");
            true
        }
        Err(error) => {
            assert_eq!(page(error), PageError::UnregisteredRedirectUri, "{uri}");
            false
        }
    }
}

#[test]
fn a_redirect_uri_is_the_very_text_that_is_registered() {
    let fixture = fixture();
    assert!(accepted(&fixture, "site", "https://c/cb"));
    assert!(accepted(&fixture, "site", "https://c/cb2?t=1"));
    for uri in [
        "https://c/cb/",
        "https://c/CB",
        "https://c/cb?x=1",
        "https://c/cb?",
        "https://c/cb#f",
        "https://c/cb#",
        "https://c:443/cb",
        "https://c/%63b",
        "https://c/%2Fcb",
        "https://c/cb%2f",
        "https://c/cb%252f..%252f",
        "https://c/x/../cb",
        "https://c/./cb",
        "https://c//cb",
        "https://c/cb/../../cb",
        "https://c/cb;x",
        "https://C/cb",
        "HTTPS://c/cb",
        "http://c/cb",
        "https://c./cb",
        "https://c@evil/cb",
        "https://evil@c/cb",
        "https://c.evil/cb",
        "https://evil/c/cb",
        "https://evil/?https://c/cb",
        "https://c\\@evil/cb",
        "https://c/cb\\..\\evil",
        "https://c/cb\t",
        " https://c/cb",
        "https://c/cb ",
        "https://c/cb\n",
        "https://c/cb\r\nSet-Cookie: a=b",
        "https://c/cb\0",
        "https://c/cb2",
        "https://c/cb2?t=2",
        "https://c/cb2?t=1&u=2",
        "https://c/cb2?t=1#",
        "//c/cb",
        "/cb",
        "cb",
        "https:c/cb",
        "https:///c/cb",
        "https://c/*",
        "javascript:alert(1)",
        "javascript://c/cb%0aalert(1)",
        "data:text/html,x",
        "https://\u{441}/cb",
        "https://127.0.0.1/cb",
    ] {
        assert!(!accepted(&fixture, "site", uri), "{uri:?}");
    }
}

#[test]
fn a_native_client_may_vary_the_port_of_a_loopback_address_and_nothing_else() {
    let fixture = fixture();
    for uri in [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1:80/callback",
        "http://127.0.0.1:43210/callback",
        "http://127.0.0.1:65535/callback",
        "http://localhost:51004/callback",
        "http://localhost/callback",
    ] {
        assert!(accepted(&fixture, "spa", uri), "{uri}");
    }
    for uri in [
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:123456/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:+80/callback",
        "http://127.0.0.1:-1/callback",
        "http://127.0.0.1:8x/callback",
        "http://127.0.0.1:80:80/callback",
        "http://127.0.0.1:\u{0661}/callback",
        "http://127.0.0.1:80/callback/",
        "http://127.0.0.1:80/other",
        "http://127.0.0.1:80",
        "http://127.0.0.1:80/callback?x=1",
        "http://127.0.0.1:80/callback#x",
        "http://127.0.0.1:80#/callback",
        "http://127.0.0.1:80?/callback",
        "http://127.0.0.1:80\\/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://localhost:80@evil.example/callback",
        "http://evil@127.0.0.1:80/callback",
        "http://127.0.0.1.evil.example:80/callback",
        "http://127.0.0.1:80.evil.example/callback",
        "http://127.0.0.2:80/callback",
        "http://127.1:80/callback",
        "http://2130706433:80/callback",
        "http://0177.0.0.1:80/callback",
        "http://[::1]:80/callback",
        "http://[::ffff:127.0.0.1]:80/callback",
        "http://LOCALHOST:80/callback",
        "http://localhost.:80/callback",
        "http://0.0.0.0:80/callback",
        "https://127.0.0.1:80/callback",
        "https://localhost:80/callback",
    ] {
        assert!(!accepted(&fixture, "spa", uri), "{uri:?}");
    }
}

#[test]
fn an_address_of_ipv6_may_vary_its_port_too() {
    let fixture = fixture();
    for uri in [
        "http://[::1]/callback?x=1",
        "http://[::1]:8080/callback?x=1",
    ] {
        assert!(accepted(&fixture, "addresses", uri), "{uri}");
    }
    for uri in [
        "http://[::1]:8080/callback",
        "http://[::1]:8080/callback?x=2",
        "http://[::2]:8080/callback?x=1",
        "http://[::1:8080]/callback?x=1",
        "http://::1:8080/callback?x=1",
        "http://[0:0:0:0:0:0:0:1]:1/callback?x=1",
        "http://localhost:8080/callback?x=1",
        "http://127.0.0.1:8080/callback?x=1",
    ] {
        assert!(!accepted(&fixture, "addresses", uri), "{uri:?}");
    }
}

#[test]
fn a_web_client_may_not_vary_the_port() {
    let fixture = fixture();
    assert!(accepted(&fixture, "loopback", "http://127.0.0.1/callback"));
    assert!(!accepted(
        &fixture,
        "loopback",
        "http://127.0.0.1:80/callback"
    ));
    assert!(!accepted(&fixture, "loopback", "http://[::1]:80/callback"));
    assert!(!accepted(&fixture, "web", "http://localhost:3001/callback"));
    assert!(!accepted(&fixture, "web", "http://localhost/callback"));
}

#[test]
fn a_scheme_of_ones_own_is_compared_as_text_too() {
    let fixture = fixture();
    assert!(accepted(&fixture, "app", "com.example.app:/cb"));
    for uri in [
        "com.example.app://cb",
        "com.example.app:cb",
        "com.example.app:/cb2",
    ] {
        assert!(!accepted(&fixture, "app", uri), "{uri}");
    }
}

#[test]
fn without_a_certain_client_there_is_a_page() {
    let fixture = fixture();
    for (changes, reason) in [
        (&[("client_id", "")][..], PageError::NoClient),
        (&[("client_id", "nobody")], PageError::UnknownClient),
        (&[("client_id", "web ")], PageError::UnknownClient),
        (&[("client_id", "WEB")], PageError::UnknownClient),
        (&[("client_id", "\0")], PageError::UnknownClient),
        (
            &[("client_id", "service")],
            PageError::UnregisteredRedirectUri,
        ),
        (
            &[("client_id", "service"), ("redirect_uri", "")],
            PageError::NoRedirectUri,
        ),
        // Mistakes elsewhere do not change that.
        (
            &[
                ("redirect_uri", "https://evil"),
                ("response_type", ""),
                ("scope", "\""),
            ],
            PageError::UnregisteredRedirectUri,
        ),
    ] {
        let error = read_query(&fixture, &query(changes)).unwrap_err();
        let error = page(error);
        assert_eq!(error.wire().status, 400);
        assert_eq!(error, reason, "{changes:?}");
    }
}

#[test]
fn a_client_with_one_redirect_uri_need_not_repeat_it_unless_it_uses_openid_connect() {
    let fixture = fixture();
    let request = read_query(&fixture, &query(&[("redirect_uri", "")])).unwrap();
    assert_eq!(request.redirect.uri, WEB_CALLBACK);
    assert!(!request.redirect.was_sent);
    for changes in [
        &[("redirect_uri", ""), ("scope", "openid api:read")][..],
        &[("redirect_uri", ""), ("client_id", "site")],
    ] {
        let error = read_query(&fixture, &query(changes)).unwrap_err();
        assert_eq!(page(error), PageError::NoRedirectUri, "{changes:?}");
    }
}
