//! Who is let in, and what the API then sees: the demo's contract.

use dockgate_tests::authorization_server::{claims, service_token};
use dockgate_tests::demo;
use dockgate_tests::http::{Request, get, post};
use serde_json::json;

#[test]
fn a_public_route_needs_no_token() {
    let stack = demo();
    let response = get("/api/public/health").send(stack.ports().http);
    assert_eq!(response.status, 200);
}

#[test]
fn a_token_with_the_scope_opens_a_route_and_names_its_subject() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    let response = get("/api/protected/data")
        .bearer(&token)
        .send(stack.ports().http);
    assert_eq!(response.status, 200, "{}", response.text());
    let expected =
        json!({"message": "Access granted", "user": claims(&token)["sub"], "scope": "api:read"});
    assert_eq!(response.json(), expected);
}

#[test]
fn the_method_decides_which_scope_is_needed() {
    let stack = demo();
    let token = service_token(&stack, "api:write");
    let ask = |method: &str| {
        Request::new(method, "/api/protected/data")
            .bearer(&token)
            .send(stack.ports().http)
            .status
    };
    assert_eq!((ask("POST"), ask("GET"), ask("HEAD")), (200, 403, 403));
}

#[test]
fn the_scheme_name_has_no_case() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    for scheme in ["bearer", "BEARER"] {
        let value = format!("{scheme} {token}");
        assert_eq!(
            get("/api/protected/data")
                .header("Authorization", value)
                .send(stack.ports().http)
                .status,
            200
        );
    }
}

#[test]
fn any_valid_token_opens_a_route_that_no_rule_names() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    assert_eq!(
        get("/api/echo")
            .bearer(&token)
            .send(stack.ports().http)
            .status,
        200
    );
    assert_eq!(get("/api/echo").send(stack.ports().http).status, 401);
}

#[test]
fn a_chat_completion_needs_the_write_scope() {
    let stack = demo();
    let ask = |scope: &str| {
        let body = json!({"model": "demo", "messages": [{"role": "user", "content": "hi"}]});
        post("/v1/chat/completions")
            .bearer(&service_token(&stack, scope))
            .json(&body)
            .send(stack.ports().http)
    };
    assert_eq!(ask("api:read").status, 403);
    let completion = ask("api:write");
    assert_eq!(completion.status, 200);
    assert_eq!(completion.json()["object"], "chat.completion");
}

#[test]
fn every_request_of_a_connection_is_checked() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    let mut stream = get("/api/echo")
        .bearer(&token)
        .header("connection", "keep-alive")
        .open(stack.ports().http);
    let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
    let (status, headers) = dockgate_tests::http::read_head(&mut reader);
    assert_eq!(status, 200);
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map(|(_, value)| value.parse::<u64>().unwrap());
    std::io::copy(
        &mut std::io::Read::take(&mut reader, length.unwrap()),
        &mut std::io::sink(),
    )
    .unwrap();
    std::io::Write::write_all(
        &mut stream,
        b"GET /api/echo HTTP/1.1\r\nhost: localhost\r\n\r\n",
    )
    .unwrap();
    assert_eq!(dockgate_tests::http::read_head(&mut reader).0, 401);
}
