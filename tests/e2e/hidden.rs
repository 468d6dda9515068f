//! What of the issuer is for its operator cannot be reached through Envoy in any spelling.

use dockgate_tests::authorization_server::service_token;
use dockgate_tests::demo;
use dockgate_tests::http::{Request, get};

/// Paths of the ops listener and of admin interfaces, and spellings of them.
fn spellings() -> Vec<String> {
    let mut all = Vec::new();
    for name in [
        "healthz",
        "readyz",
        "metrics",
        "admin",
        "admin/keys",
        "admin/users",
        "internal",
        "debug",
        "stats",
        "ready",
        "quitquitquit",
        "server_info",
    ] {
        let (first, rest) = name.split_at(1);
        let encoded = format!("%{:02x}", first.as_bytes()[0]);
        all.extend([
            format!("/{name}"),
            format!("/{name}/"),
            format!("//{name}"),
            format!("/./{name}"),
            format!("/token/../{name}"),
            format!("/token/%2e%2e/{name}"),
            format!("/token%2f..%2f{name}"),
            format!("/token/..;/{name}"),
            format!("/token;/../{name}"),
            format!("/.well-known/../{name}"),
            format!("/.well-known/jwks.json/../../{name}"),
            format!("/{encoded}{rest}"),
            format!("/{name}?x=/token"),
            format!("/token?/../{name}"),
            format!("/{}", name.to_uppercase()),
        ]);
    }
    all
}

#[test]
fn no_operator_path_of_the_issuer_answers_through_envoy() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    // What the real thing says, to be recognised.
    let ready = get("/readyz").send(stack.ports().ops);
    assert_eq!(ready.status, 200);
    for path in spellings() {
        for method in ["GET", "POST"] {
            for request in [
                Request::new(method, &path),
                Request::new(method, &path).bearer(&token),
            ] {
                let response = request
                    .header("host", format!("127.0.0.1:{}", stack.ports().ops))
                    .send(stack.ports().http);
                let from_token_endpoint = path.starts_with("/token?");
                let expected = if from_token_endpoint {
                    &[400, 401, 405][..]
                } else {
                    &[400, 401, 403, 404][..]
                };
                assert!(
                    expected.contains(&response.status),
                    "{method} {path}: {} {}",
                    response.status,
                    response.text()
                );
                assert_ne!(response.body, ready.body, "{method} {path}");
            }
        }
    }
}

#[test]
fn the_issuers_own_port_has_no_operator_paths_either() {
    let stack = demo();
    for path in ["/healthz", "/readyz", "/metrics", "/admin"] {
        assert_eq!(get(path).send(stack.ports().issuer).status, 404, "{path}");
    }
}
