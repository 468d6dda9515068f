//! Identity headers come from the filter alone.

use dockgate_tests::authorization_server::service_token;
use dockgate_tests::demo;
use dockgate_tests::http::{Request, get};
use serde_json::Value;

fn with_lookalikes(request: Request) -> Request {
    let names = [
        "x-auth-subject",
        "X-Auth-Subject",
        "X_Auth.Subject",
        "x_auth_subject",
        "x.auth.subject",
        "xauthsubject",
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
fn a_hop_by_hop_declaration_does_not_take_the_identity_away() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    let request = get("/api/echo")
        .bearer(&token)
        .header("connection", "close, x-auth-subject");
    let response = request.send(stack.ports().http);
    assert_eq!(response.json()["x-auth-subject"][0], "service");
    assert_eq!(response.json().get("connection"), None);
}
