//! Identity headers come from the filter alone.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use dockgate_stack::{Edit, Stack, StackOptions};
use dockgate_tests::authorization_server::service_token;
use dockgate_tests::demo;
use dockgate_tests::http::{Request, get};
use dockgate_tests::http2;
use dockgate_tests::upstream;
use serde_json::Value;

fn with_lookalikes(request: Request) -> Request {
    let names = [
        "x-auth-subject",
        "X-Auth-Subject",
        "X_Auth.Subject",
        "x_auth_subject",
        "x.auth.subject",
        "xauthsubject",
        "x~auth~subject",
        "x!auth'subject",
        "X-AUTH-CLIENT-ID",
        "x_auth_scope",
        "x-auth-issuer",
        "x-auth-claims",
    ];
    names
        .into_iter()
        .fold(request, |request, name| request.header(name, "spoofed"))
}

#[test]
fn a_spoofed_identity_never_reaches_the_api() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    let response = with_lookalikes(get("/api/echo").bearer(&token)).send(stack.ports().http);
    assert_eq!(response.status, 200, "{}", response.text());
    assert!(!response.text().contains("spoofed"), "{}", response.text());
    let seen = response.json();
    let one = |name: &str| {
        seen[name]
            .as_array()
            .filter(|values| values.len() == 1)
            .map(|values| values[0].clone())
    };
    assert_eq!(one("x-auth-client-id"), Some(Value::from("service")));
    assert_eq!(one("x-auth-subject"), Some(Value::from("service")));
    assert_eq!(one("x-auth-scope"), Some(Value::from("api:read")));
    assert_eq!(one("x-auth-issuer"), Some(Value::from(stack.base_url())));
}

#[test]
fn the_token_stays_at_the_gateway() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    let seen = get("/api/echo")
        .bearer(&token)
        .header("x-other", "1")
        .send(stack.ports().http)
        .json();
    assert_eq!(seen.get("authorization"), None);
    assert_eq!(seen["x-other"][0], "1");
}

#[test]
fn a_connection_option_cannot_take_the_identity_away() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    let ask = |connection: &str| {
        get("/api/echo")
            .bearer(&token)
            .header("connection", connection)
            .header("upgrade", "websocket")
            .send(stack.ports().http)
    };
    assert_eq!(ask("Upgrade, x-auth-subject").status, 400);
    assert_eq!(ask("X_Auth.Scope, upgrade").status, 400);
    // Without an upgrade Envoy drops the header before anybody could obey it.
    let plain = get("/api/echo")
        .bearer(&token)
        .header("connection", "close, x-auth-subject");
    let seen = plain.send(stack.ports().http).json();
    assert_eq!(
        (seen.get("connection"), &seen["x-auth-subject"][0]),
        (None, &Value::from("service"))
    );
}

#[test]
fn nothing_of_this_differs_over_http2() {
    let stack = demo();
    let port = stack.ports().http;
    let bearer = format!("Bearer {}", service_token(&stack, "api:read"));
    let spoofed = [
        ("authorization", bearer.as_str()),
        ("x-auth-subject", "spoofed"),
        ("x_auth_subject", "spoofed"),
        ("x.auth.scope", "spoofed"),
    ];
    let (status, seen) = http2::get(port, "/api/echo", &spoofed);
    assert_eq!(status, 200, "{seen}");
    assert!(
        !seen.contains("spoofed") && seen.contains("\"x-auth-subject\":[\"service\"]"),
        "{seen}"
    );
    let twice = [
        ("authorization", bearer.as_str()),
        ("authorization", bearer.as_str()),
    ];
    assert_eq!(http2::get(port, "/api/echo", &twice).0, 400);
    assert_eq!(http2::get(port, "/api/echo", &[]).0, 401);
    assert_eq!(http2::get(port, "/api/public/health", &[]).0, 200);
}

/// Envoy drops trailers unless it is told to keep them, which an API for gRPC needs.
#[test]
fn lookalikes_in_trailers_are_removed_too() {
    let recorder = format!(
        "socket_address: {{ address: 127.0.0.1, port_value: {} }}",
        upstream::start()
    );
    let hop = "          http2_protocol_options:\n";
    let api = "  - name: api\n    type: STRICT_DNS\n";
    let keep = [
        "    typed_extension_protocol_options:",
        "      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:",
        "        \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "        explicit_http_config: { http_protocol_options: { enable_trailers: true } }\n",
    ]
    .join("\n");
    let recorded = "  - name: recorder\n    type: STATIC\n    load_assignment:\n      cluster_name: recorder\n      endpoints:\n      - lb_endpoints:\n";
    let endpoint = format!("        - endpoint: {{ address: {{ {recorder} }} }}\n");
    let edits = vec![
        Edit::once(
            hop,
            format!("          http_protocol_options: {{ enable_trailers: true }}\n{hop}"),
        ),
        Edit::once(api, format!("{recorded}{endpoint}{keep}{api}")),
        Edit::once(
            "              # CHANGE: the API.",
            "              - { match: { path: /recorded }, route: { cluster: recorder } }\n              # CHANGE: the API.",
        ),
    ];
    let stack = Stack::start(StackOptions {
        envoy_edits: edits,
        ..StackOptions::default()
    })
    .unwrap_or_else(|error| panic!("{error}"));
    let token = service_token(&stack, "api:read");
    let request = format!(
        "POST /recorded HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n\
         2\r\nhi\r\n0\r\nX-Auth-Subject: spoofed\r\nX_Auth.Scope: spoofed\r\nx-kept: yes\r\n\r\n"
    );
    let mut stream = TcpStream::connect(("127.0.0.1", stack.ports().http)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut seen = String::new();
    stream.read_to_string(&mut seen).unwrap();
    assert!(seen.starts_with("HTTP/1.1 200"), "{seen}");
    assert!(seen.contains("x-kept: yes"), "trailers do arrive: {seen}");
    assert!(!seen.contains("spoofed"), "{seen}");
    assert!(seen.contains("x-auth-subject: service"), "{seen}");
}
