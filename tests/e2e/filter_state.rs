//! What an access log can say of a request, and the claims that a rule can want.

use std::time::Duration;

use dockgate_stack::{Deadline, Edit, Stack};
use dockgate_tests::forge::Forge;
use dockgate_tests::http::get;
use dockgate_token::Algorithm;
use serde_json::json;

fn stack(forge: &Forge) -> Stack {
    let resources =
        "                    # CHANGE: the URIs by which clients know your API (RFC 9728).\n";
    let state =
        "                    filter_state: [subject, client_id, scope, issuer, rule, would_deny]\n";
    let rules = "                    # The API.\n";
    let wanting = "                    - { path: /api/echo, require: { claims: { tier: [gold, silver], staff: true } } }\n";
    let format = "%REQ(X-REQUEST-ID)%\\n";
    let fields = ["subject", "client_id", "scope", "issuer", "rule"]
        .map(|name| format!("%FILTER_STATE(wasm.dockgate.{name}:PLAIN)%"));
    let mut options = forge.stack_options();
    options.envoy_edits.extend([
        Edit::once(resources, format!("{state}{resources}")),
        Edit::once(rules, format!("{rules}{wanting}")),
        Edit::once(format, format!("state={} {format}", fields.join(","))),
    ]);
    Stack::start(options).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn an_access_log_names_the_caller_and_the_rule() {
    let forge = Forge::new();
    let stack = stack(&forge);
    let port = stack.ports().http;
    let token = forge.token(Algorithm::RS256, |c| {
        c["tier"] = json!(["bronze", "gold"]);
        c["staff"] = json!(true);
    });
    let line_broken = forge.token(Algorithm::RS256, |c| c["sub"] = json!("x\nstate=forged2"));
    assert_eq!(get("/api/echo").bearer(&token).send(port).status, 200);
    assert_eq!(get("/api/echo").bearer(&line_broken).send(port).status, 401);
    assert_eq!(get("/api/public/health").send(port).status, 200);
    assert_eq!(get("/api/admin/x").send(port).status, 401);
    // Envoy writes its access log every ten seconds.
    let logged = || Some(stack.logs()).filter(|logs| logs.contains("/api/admin/x"));
    let logs = Deadline::after(Duration::from_secs(30))
        .poll(logged)
        .expect("an access log");
    for expected in [
        "state=forged,forge,api:read,https://forge.example,rules[17]",
        "state=-,-,-,-,rules[18]",
        "state=-,-,-,-,-",
    ] {
        assert!(logs.contains(expected), "{expected} in {logs}");
    }
    assert!(!logs.contains("forged2"), "{logs}");
}

#[test]
fn a_rule_can_want_claims() {
    let forge = Forge::new();
    let stack = stack(&forge);
    let ask = |tier: serde_json::Value, staff: serde_json::Value| {
        let token = forge.token(Algorithm::ES256, |c| {
            c["tier"] = tier;
            c["staff"] = staff;
        });
        get("/api/echo").bearer(&token).send(stack.ports().http)
    };
    assert_eq!(ask(json!("silver"), json!(true)).status, 200);
    for (tier, staff) in [
        (json!("bronze"), json!(true)),
        (json!("gold"), json!("true")),
        (json!("gold"), json!(null)),
    ] {
        let refused = ask(tier, staff);
        assert_eq!(refused.status, 403);
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(
            challenge.starts_with("Bearer resource_metadata="),
            "{challenge}"
        );
    }
}

/// RFC 9110 §9.3.2: the same answer without its body.
#[test]
fn a_refused_head_request_has_the_challenge_and_no_body() {
    let stack = dockgate_tests::demo();
    let refused = dockgate_tests::http::Request::new("HEAD", "/api/echo").send(stack.ports().http);
    assert_eq!(refused.status, 401);
    assert!(refused.body.is_empty(), "{}", refused.text());
    assert!(refused.header("www-authenticate").is_some());
}
