//! Rules that want claims besides scopes.

use dockgate_policy::Policy;
use serde_json::{Value, json};

use crate::support::*;

fn requiring(require: Value) -> Policy {
    policy(|c| c["rules"] = json!([{"prefix": "/data", "require": require}]))
}

#[test]
fn claims_and_scopes_are_all_needed() {
    let policy = requiring(json!({
        "all_scopes": ["read"],
        "any_scope": ["write", "admin"],
        "claims": {"tier": ["gold", "silver"], "staff": true},
    }));
    let ask = |scope: &str, tier: Value, staff: Value| {
        let token = token(|c| {
            c["scope"] = json!(scope);
            c["tier"] = tier;
            c["staff"] = staff;
        });
        with_token(&policy, "GET", "/data", &token)
    };
    passes(ask("read admin", json!("gold"), json!(true)));
    passes(ask("read write", json!(["x", "silver"]), json!([true])));
    for scope in ["read", "write admin", "admin", ""] {
        let reply = refused(
            ask(scope, json!("bronze"), json!(true)),
            "insufficient_scope",
        );
        let challenge = header_of(&reply, "www-authenticate").unwrap();
        assert!(challenge.contains("scope=\"read write\""), "{challenge}");
    }
    for (tier, staff) in [
        (json!("bronze"), json!(true)),
        (json!("gold"), json!("true")),
        (json!("gold"), json!(false)),
        (json!("GOLD"), json!(true)),
        (json!({}), json!(true)),
        (json!([["gold"]]), json!(true)),
    ] {
        refused(ask("read write", tier, staff), "claim_not_met");
    }
}

/// No new token would help, so no error code makes the client fetch one (RFC 6750 §3.1).
#[test]
fn a_claim_that_is_not_met_is_403_without_an_error_code() {
    let policy = requiring(json!({"claims": {"level": 3}}));
    passes(with_token(
        &policy,
        "GET",
        "/data",
        &token(|c| c["level"] = json!(3)),
    ));
    let reply = refused(
        with_token(&policy, "GET", "/data", &good()),
        "claim_not_met",
    );
    let challenge = header_of(&reply, "www-authenticate").unwrap();
    assert_eq!(reply.answer.status, 403);
    assert!(
        challenge.starts_with("Bearer resource_metadata="),
        "{challenge}"
    );
    assert!(reply.answer.body.contains("access_denied"));
}

/// Two rules that want different values of one claim are two requirements.
#[test]
fn each_rule_has_its_own_values() {
    let policy = policy(|c| {
        c["rules"] = json!([
            {"prefix": "/a", "require": {"claims": {"team": "a"}}},
            {"prefix": "/b", "require": {"claims": {"team": "b"}}},
            {"prefix": "/any", "require": {"claims": {"team": ["a", "b"]}}},
            {"prefix": "/a2", "require": {"claims": {"team": "a"}}},
        ]);
    });
    let of_b = token(|c| c["team"] = json!("b"));
    for (path, good) in [("/a", false), ("/b", true), ("/any", true), ("/a2", false)] {
        let decision = with_token(&policy, "GET", path, &of_b);
        if good {
            passes(decision);
        } else {
            refused(decision, "claim_not_met");
        }
    }
}
