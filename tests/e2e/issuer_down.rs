//! The issuer dies and comes back; callers with good tokens notice nothing.

use dockgate_stack::{Stack, StackOptions};
use dockgate_tests::authorization_server::service_token;
use dockgate_tests::http::get;

#[test]
fn good_tokens_pass_while_the_issuer_is_dead_and_after_it_is_back() {
    let stack = Stack::start(StackOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    let port = stack.ports().http;
    let ask = |token: &str| get("/api/protected/data").bearer(token).send(port).status;
    let old = service_token(&stack, "api:read");
    let keys = get("/.well-known/jwks.json").send(port).body;

    stack.kill_issuer();
    for _ in 0..50 {
        assert_eq!(ask(&old), 200);
    }
    assert_eq!(get("/api/protected/data").send(port).status, 401);
    assert_eq!(get("/.well-known/jwks.json").send(port).status, 503);

    stack.start_issuer().unwrap();
    assert_eq!(
        get("/.well-known/jwks.json").send(port).body,
        keys,
        "the keys are those of before"
    );
    assert_eq!(ask(&old), 200);
    assert_eq!(ask(&service_token(&stack, "api:read")), 200);
}

#[test]
fn an_orderly_stop_keeps_the_keys_too() {
    let stack = Stack::start(StackOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    let keys = || {
        get("/.well-known/jwks.json")
            .send(stack.ports().issuer)
            .body
    };
    let before = keys();
    stack.stop_issuer();
    stack.start_issuer().unwrap();
    assert_eq!(keys(), before);
}
