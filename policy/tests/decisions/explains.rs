//! The header that explains a refusal.

use serde_json::json;

use crate::support::*;

#[test]
fn a_refusal_is_explained_only_where_that_is_asked_for() {
    let explaining = policy(|c| c["debug_header"] = json!(true));
    let explain = |target: &str, token: &str| {
        let reply = match with_token(&explaining, "POST", target, token) {
            Verdict::Refused(reply) => reply,
            other => panic!("{other:?}"),
        };
        header_of(&reply, "x-dockgate-debug").unwrap().to_owned()
    };
    assert_eq!(
        explain("/data/secret-id", &good()),
        "insufficient_scope; InsufficientScope { required: Scope { tokens: [\"read\", \"write\"] } }; rules[3] prefix /data"
    );
    let wrong_type = token(|c| c["sub"] = json!({"secret": 1}));
    assert_eq!(
        explain("/elsewhere", &wrong_type),
        "bad_claim; Token(BadClaim { claim: \"sub\" }); no rule"
    );
    let reply = refused(
        with_token(&policy(|_| {}), "POST", "/data", &good()),
        "insufficient_scope",
    );
    assert_eq!(header_of(&reply, "x-dockgate-debug"), None);
}

#[test]
fn what_explains_is_announced() {
    let explaining = policy(|c| c["debug_header"] = json!(true));
    assert_eq!(explaining.warnings().len(), 1);
}

/// Names of the configuration may be beyond ASCII; a header may not.
#[test]
fn an_explanation_is_header_safe() {
    let policy = policy(|c| {
        c["debug_header"] = json!(true);
        c["rules"] = json!([{"prefix": "/data", "require": {"claims": {"r\u{f4}le\n": "x"}}}]);
    });
    let reply = refused(
        with_token(&policy, "GET", "/data", &good()),
        "claim_not_met",
    );
    let text = header_of(&reply, "x-dockgate-debug").unwrap();
    assert!(
        text.bytes().all(|byte| matches!(byte, 0x20..=0x7E)),
        "{text}"
    );
}
