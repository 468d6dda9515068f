//! Who is refused, in which words, and that the filter lives on.

use std::time::Duration;

use dockgate_stack::{Deadline, Edit, Stack};
use dockgate_tests::authorization_server::{basic, service_token};
use dockgate_tests::demo;
use dockgate_tests::http::{Response, get, post};

fn ask(stack: &Stack, authorization: &[&[u8]]) -> Response {
    let request = authorization
        .iter()
        .fold(get("/api/protected/data"), |request, value| {
            request.header("Authorization", value)
        });
    request.send(stack.ports().http)
}

fn challenge(response: &Response) -> &str {
    response.header("www-authenticate").expect("a challenge")
}

#[test]
fn without_a_token_the_challenge_names_no_error() {
    let stack = demo();
    let response = ask(&stack, &[]);
    assert_eq!(response.status, 401);
    let metadata = format!("{}/.well-known/oauth-protected-resource", stack.base_url());
    assert_eq!(
        challenge(&response),
        format!("Bearer scope=\"api:read\", resource_metadata=\"{metadata}\"")
    );
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert!(response.json()["error_description"].is_string());
}

#[test]
fn garbage_is_an_invalid_token() {
    let stack = demo();
    for token in [
        "garbage",
        "a.b.c",
        "e30.e30.e30",
        "..",
        "eyJhbGciOiJub25lIn0.e30.",
    ] {
        let response = ask(&stack, &[format!("Bearer {token}").as_bytes()]);
        assert_eq!(response.status, 401, "{token}");
        assert!(
            challenge(&response).starts_with("Bearer error=\"invalid_token\""),
            "{token}"
        );
        assert_eq!(response.json()["error"], "invalid_token");
    }
}

#[test]
fn a_missing_scope_is_named() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    let response = post("/api/protected/data")
        .bearer(&token)
        .send(stack.ports().http);
    assert_eq!(response.status, 403);
    assert!(challenge(&response).starts_with("Bearer error=\"insufficient_scope\""));
    assert!(challenge(&response).contains("scope=\"api:write\""));
    assert_eq!(response.json()["error"], "insufficient_scope");
    for path in [
        "/api/admin",
        "/api/admin/",
        "/api/admin/users",
        "/v1/chat/completions/",
    ] {
        assert_eq!(
            get(path).bearer(&token).send(stack.ports().http).status,
            403,
            "{path}"
        );
    }
}

#[test]
fn an_altered_token_is_refused() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    let (input, signature) = token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    let altered = format!("{input}.{flipped}{}", &signature[1..]);
    for token in [
        altered,
        format!("{input}."),
        format!("{token}A"),
        format!("{token}="),
        token.replace('.', ".."),
    ] {
        assert_eq!(
            ask(&stack, &[format!("Bearer {token}").as_bytes()]).status,
            401,
            "{token}"
        );
    }
}

#[test]
fn credentials_count_once_and_only_in_the_authorization_header() {
    let stack = demo();
    let bearer = format!("Bearer {}", service_token(&stack, "api:read"));
    let bearer = bearer.as_bytes();
    for several in [
        [bearer, bearer],
        [bearer, b"Bearer x"],
        [b"Basic eDp5", bearer],
    ] {
        let response = ask(&stack, &several);
        assert_eq!(response.status, 400);
        assert!(challenge(&response).starts_with("Bearer error=\"invalid_request\""));
    }
    let joined = [bearer, b", ", bearer].concat();
    assert_eq!(ask(&stack, &[&joined]).status, 400);
    assert_eq!(ask(&stack, &[b"Basic eDp5"]).status, 401);

    let token = std::str::from_utf8(&bearer[7..]).unwrap();
    let port = stack.ports().http;
    assert_eq!(
        get(format!("/api/protected/data?access_token={token}"))
            .send(port)
            .status,
        401
    );
    assert_eq!(
        get("/api/protected/data")
            .header("cookie", format!("access_token={token}"))
            .send(port)
            .status,
        401
    );
    assert_eq!(
        get("/api/protected/data")
            .header("proxy-authorization", bearer)
            .send(port)
            .status,
        401
    );
    assert_eq!(
        get("/api/protected/data")
            .header("x-authorization", bearer)
            .send(port)
            .status,
        401
    );
    assert_eq!(
        post("/api/protected/data")
            .form(&[("access_token", token)])
            .send(port)
            .status,
        401
    );
}

#[test]
fn hostile_headers_get_an_answer_and_leave_the_filter_alive() {
    // A stack of its own: its counters must show that no VM was lost.
    let stack = Stack::start(dockgate_stack::StackOptions::default())
        .unwrap_or_else(|error| panic!("{error}"));
    let good = format!("Bearer {}", service_token(&stack, "api:read"));
    let alive = || assert_eq!(ask(&stack, &[good.as_bytes()]).status, 200);
    let port = stack.ports().http;

    for bytes in [
        &b"Bearer \xc0\xa7"[..],
        b"Bearer \xff\xfe.\xff.\xff",
        b"\xc0\xa7",
        b"Bearer",
    ] {
        assert!(
            matches!(ask(&stack, &[bytes]).status, 400 | 401),
            "{bytes:?}"
        );
        alive();
    }
    let odd = get("/api/protected/data")
        .header("x-odd", b"\xc0\xa7")
        .header("authorization", &good)
        .send(port);
    assert_eq!(odd.status, 200);
    let long = ask(
        &stack,
        &[format!("Bearer {}", "a".repeat(50 * 1024)).as_bytes()],
    );
    assert_eq!(long.status, 401);
    assert!(challenge(&long).contains("invalid_token"));
    alive();
    let longer = ask(
        &stack,
        &[format!("Bearer {}", "a".repeat(100 * 1024)).as_bytes()],
    );
    assert_eq!(longer.status, 431);
    alive();
    let many = (0..90).fold(get("/api/protected/data"), |request, index| {
        request.header(format!("x-{index}"), "1")
    });
    assert_eq!(many.header("authorization", &good).send(port).status, 200);
    let deep = dockgate_token::encode_segment("[".repeat(5_000).as_bytes());
    assert_eq!(
        ask(&stack, &[format!("Bearer {deep}.{deep}.{deep}").as_bytes()]).status,
        401
    );
    alive();
    stack.check().unwrap();
    let reloads = get("/stats?filter=vm_reload")
        .send(stack.ports().admin)
        .text();
    assert!(reloads.contains("vm_reload: 0"), "{reloads}");
    assert!(
        reloads.lines().all(|line| line.ends_with(": 0")),
        "{reloads}"
    );
    assert!(!stack.logs().contains("Wasm VM failed"), "{}", stack.logs());
}

#[test]
fn grpc_callers_get_a_grpc_status() {
    let stack = demo();
    let response = post("/api/protected/data")
        .header("content-type", "application/grpc")
        .send(stack.ports().http);
    assert_eq!(
        (response.status, response.header("grpc-status")),
        (200, Some("16"))
    );
    assert_eq!(
        response.header("grpc-message"),
        Some("an access token is required")
    );
}

#[test]
fn no_token_is_in_any_log() {
    let stack = Stack::start(dockgate_stack::StackOptions {
        filter_log: "trace".into(),
        issuer_edits: vec![Edit::once("level = \"info\"", "level = \"trace\"")],
        ..Default::default()
    })
    .unwrap_or_else(|error| panic!("{error}"));
    let token = service_token(&stack, "api:read");
    assert_eq!(
        get("/api/protected/data")
            .bearer(&token)
            .send(stack.ports().http)
            .status,
        200
    );
    assert_eq!(
        get("/api/admin/x")
            .bearer(&token)
            .send(stack.ports().http)
            .status,
        403
    );
    assert_eq!(
        get(format!("/x?access_token={token}"))
            .send(stack.ports().http)
            .status,
        401
    );
    let mistyped = basic("service", "mistyped-secret");
    let refused = post("/token")
        .header("authorization", &mistyped)
        .form(&[("grant_type", "client_credentials")]);
    assert_eq!(refused.send(stack.ports().http).status, 401);
    // Envoy writes its access log every ten seconds.
    let logged = || Some(stack.logs()).filter(|logs| logs.contains("dockgate_no_credentials"));
    let logs = Deadline::after(Duration::from_secs(30))
        .poll(logged)
        .expect("the access log names the reason");
    assert!(logs.contains("dockgate_insufficient_scope"));
    let signature = token.rsplit_once('.').unwrap().1;
    assert!(
        logs.contains("wrong_secret"),
        "the issuer says why it refused"
    );
    let good = basic("service", "service-secret");
    let sent = [&mistyped, &good].map(|value| value.trim_start_matches("Basic "));
    for secret in [
        signature,
        "service-secret",
        "mistyped-secret",
        sent[0],
        sent[1],
    ] {
        assert!(!logs.contains(secret), "{secret}");
    }
}
