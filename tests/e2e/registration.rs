//! Clients that register themselves, through Envoy.

use std::path::Path;

use dockgate_stack::{Stack, StackOptions};
use dockgate_tests::browser::Browser;
use dockgate_tests::http::{Request, Response, get, post};
use dockgate_tests::sign_in::*;
use serde_json::{Value, json};

const ALICE: (&str, &str) = ("alice", "wonderland");
/// On a port that is nowhere registered (RFC 8252 §7.3).
pub(crate) const CALLBACK: &str = "http://127.0.0.1:43210/callback";

/// The demo as `cargo xtask up --issuer-config envoy/issuer.mcp.toml` starts it.
pub(crate) fn stack() -> Stack {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy/issuer.mcp.toml");
    let options = StackOptions {
        issuer_config: vec![config],
        ..StackOptions::default()
    };
    Stack::start(options).unwrap()
}

fn register(stack: &Stack) -> Value {
    let client = json!({
        "client_name": "An application",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
        "scope": "api:read",
    });
    let answer = post("/register").json(&client).send(stack.ports().http);
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.json()
}

pub(crate) fn ask(stack: &Stack, id: &str, form: &[(&str, &str)]) -> Response {
    let form = [&[("client_id", id)], form].concat();
    post("/token").form(&form).send(stack.ports().http)
}

/// The tokens of a user, and what the consent page said.
pub(crate) fn tokens_of_alice(stack: &Stack, id: &str) -> (Value, String) {
    let mut request = code_request("spa", "api:read");
    for (name, value) in &mut request {
        if *name == "client_id" {
            *value = id;
        }
    }
    let mut browser = Browser::new(stack.ports().http);
    let login = browser.open(&authorize_path(&request));
    let filled = [("username", ALICE.0), ("password", ALICE.1)];
    let consent = browser.submit(&login, &filled, None);
    let back = browser.submit(&consent, &[], Some("allow"));
    let redeemed = ask(
        stack,
        id,
        &[
            ("grant_type", "authorization_code"),
            ("code", &code(&back)),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ],
    );
    assert_eq!(redeemed.status, 200, "{}", redeemed.text());
    (redeemed.json(), consent.response.text())
}

fn manage(stack: &Stack, method: &str, client: &Value) -> Request {
    let uri = text(client, "registration_client_uri");
    let path = uri.strip_prefix(stack.base_url().as_str()).unwrap();
    Request::new(method, path).bearer(text(client, "registration_access_token"))
}

#[test]
fn a_client_registers_and_its_user_gets_to_the_api() {
    let stack = stack();
    let metadata = get("/.well-known/oauth-authorization-server").send(stack.ports().http);
    let endpoint = format!("{}/register", stack.base_url());
    assert_eq!(metadata.json()["registration_endpoint"], endpoint);

    let client = register(&stack);
    let id = text(&client, "client_id");
    let (tokens, consent) = tokens_of_alice(&stack, id);
    assert!(consent.contains("registered itself"), "{consent}");
    assert!(consent.contains("127.0.0.1:43210"), "{consent}");
    let api = get("/api/protected/data")
        .bearer(text(&tokens, "access_token"))
        .send(stack.ports().http);
    assert_eq!(api.status, 200, "{}", api.text());
    let refreshed = ask(
        &stack,
        id,
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", text(&tokens, "refresh_token")),
        ],
    );
    assert_eq!(refreshed.status, 200, "{}", refreshed.text());
    stack.stop();
}

#[test]
fn what_a_client_ends_is_over() {
    let stack = stack();
    let port = stack.ports().http;
    let client = register(&stack);
    let id = text(&client, "client_id");
    let read = manage(&stack, "GET", &client).send(port);
    assert_eq!(read.status, 200, "{}", read.text());
    assert_eq!(read.json()["client_id"], id);
    let mut changed = json!({ "client_id": id, "client_name": "Another name" });
    for name in [
        "redirect_uris",
        "grant_types",
        "token_endpoint_auth_method",
        "scope",
    ] {
        changed[name] = client[name].clone();
    }
    let put = manage(&stack, "PUT", &client).json(&changed).send(port);
    assert_eq!(put.status, 200, "{}", put.text());
    let (tokens, consent) = tokens_of_alice(&stack, id);
    assert!(consent.contains("Another name"), "{consent}");

    let ended = manage(&stack, "DELETE", &client).send(port);
    assert_eq!(ended.status, 204, "{}", ended.text());
    assert_eq!(manage(&stack, "GET", &client).send(port).status, 401);
    let refreshed = ask(
        &stack,
        id,
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", text(&tokens, "refresh_token")),
        ],
    );
    assert_eq!(refreshed.status, 401, "{}", refreshed.text());
    let known = introspect(&stack, text(&tokens, "access_token"));
    assert_eq!(known, json!({ "active": false }));
    // Nothing else lies below the path.
    for path in [
        "/register/",
        "/register/a/b",
        "/register/%2e%2e",
        "/register/../token",
    ] {
        let answer = get(path).send(port);
        assert!(
            matches!(answer.status, 400 | 401 | 404 | 405),
            "{path}: {}",
            answer.status
        );
    }
    stack.stop();
}
