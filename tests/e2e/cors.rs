//! Pages of other origins, through the real Envoy to an API that answers preflights.

use dockgate_stack::{Edit, Stack, StackOptions};
use dockgate_tests::demo;
use dockgate_tests::http::{Request, Response, get};
use dockgate_tests::stats::assert_counted;

const PAGE: &str = "https://app.example";

fn stack() -> Stack {
    let resources =
        "                    # CHANGE: the URIs by which clients know your API (RFC 9728).\n";
    let cors = format!("                    cors: {{ allow_origins: [\"{PAGE}\"] }}\n");
    let options = StackOptions {
        envoy_edits: vec![Edit::once(resources, cors + resources)],
        ..StackOptions::default()
    };
    Stack::start(options).unwrap_or_else(|error| panic!("{error}"))
}

fn preflight(path: &str, origin: &str) -> Request {
    Request::new("OPTIONS", path)
        .header("origin", origin)
        .header("access-control-request-method", "GET")
}

#[test]
fn a_preflight_of_a_listed_page_reaches_the_api_without_credentials() {
    let stack = stack();
    let port = stack.ports().http;
    let passed = preflight("/api/echo", PAGE)
        .bearer("x")
        .header("cookie", "a=b")
        .header("x_auth_subject", "admin")
        .send(port);
    // Whatever the API answers: it was asked.
    assert!(from_the_api(&passed), "{passed:?}");
    let text = passed.text();
    for credential in ["authorization", "cookie", "subject"] {
        assert!(!text.contains(credential), "{text}");
    }
    for origin in [
        "https://evil.example",
        "null",
        "https://app.example.evil.example",
    ] {
        let refused = preflight("/api/echo", origin).send(port);
        assert_eq!(refused.status, 401, "{origin}");
        assert_eq!(refused.header("access-control-allow-origin"), None);
    }
    assert_eq!(
        preflight("/api/echo", PAGE)
            .header("origin", PAGE)
            .send(port)
            .status,
        401,
        "two origins are none"
    );
    assert_counted(&stack, "admitted.preflight", 1);
}

#[test]
fn a_listed_page_can_read_a_refusal() {
    let stack = stack();
    let port = stack.ports().http;
    let refused = get("/api/echo").header("origin", PAGE).send(port);
    let header = |name| refused.header(name).unwrap_or_default();
    assert_eq!(refused.status, 401);
    assert_eq!(header("access-control-allow-origin"), PAGE);
    assert_eq!(header("access-control-expose-headers"), "WWW-Authenticate");
    assert_eq!(header("vary"), "Origin");
    assert!(header("www-authenticate").starts_with("Bearer"));
    let other = get("/api/echo").send(port);
    assert_eq!(other.header("access-control-allow-origin"), None);
    assert_eq!(other.header("vary"), Some("Origin"));
}

#[test]
fn by_default_a_preflight_is_an_ordinary_request() {
    let stack = demo();
    let refused = preflight("/api/echo", PAGE).send(stack.ports().http);
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("access-control-allow-origin"), None);
}

fn from_the_api(response: &Response) -> bool {
    response.header("x-envoy-upstream-service-time").is_some()
}
