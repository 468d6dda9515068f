//! Rules that only report.

use dockgate_policy::keys::KeyRing;
use dockgate_policy::{Admission, Policy, Request};
use serde_json::json;

use crate::support::*;

fn reporting() -> Policy {
    policy(|c| {
        c["rules"] = json!([
            {"prefix": "/data", "require": {"all_scopes": ["read"]}, "enforcement": "report"},
            {"prefix": "/strict", "require": {"all_scopes": ["read"]}, "enforcement": "enforce"},
        ]);
    })
}

#[track_caller]
fn reported(verdict: Verdict, reason: &str) -> Passed {
    let edits = passes(verdict);
    let admission = &edits.admission;
    match admission {
        Admission::Reported { denial, .. } => assert_eq!(denial.reason(), reason),
        other => panic!("{other:?}"),
    }
    edits
}

#[test]
fn what_would_be_refused_passes_with_its_reason() {
    let policy = reporting();
    for (reason, authorization) in [
        ("no_credentials", None),
        ("token_structure", Some("Bearer x".to_owned())),
        ("malformed_credentials", Some("Bearer a b".to_owned())),
        (
            "expired",
            Some(format!("Bearer {}", token(|c| c["exp"] = json!(NOW - 60)))),
        ),
        (
            "outside_resource",
            Some(format!(
                "Bearer {}",
                token(|c| c["aud"] = json!(["api", "https://api.example/mcp"]))
            )),
        ),
    ] {
        let mut headers = vec![("x_auth_subject", "admin")];
        headers.extend(
            authorization
                .as_deref()
                .map(|value| ("authorization", value)),
        );
        let edits = reported(ask(&policy, "GET", "/data", &headers), reason);
        // Nothing was proved: nobody is named, whoever says so, and the credentials stay.
        assert_eq!(edits.remove, [b"x_auth_subject".to_vec()], "{reason}");
        assert_eq!(edits.set, [], "{reason}");
        refused(ask(&policy, "GET", "/strict", &headers), reason);
    }
}

#[test]
fn a_token_that_verified_names_its_caller_and_stays_here() {
    let policy = reporting();
    let other = token(|c| c["scope"] = json!("other"));
    let edits = reported(
        with_token(&policy, "GET", "/data", &other),
        "insufficient_scope",
    );
    assert_eq!(edits.remove, [b"authorization".to_vec()]);
    assert!(
        edits
            .set
            .contains(&("x-auth-subject".to_owned(), "alice".to_owned()))
    );
    let Passed { admission, .. } = passes(with_token(&policy, "GET", "/data", &good()));
    assert!(matches!(admission, Admission::Token { .. }));
}

/// They may be another rule's requests in the eyes of the upstream.
#[test]
fn ambiguous_paths_and_hop_by_hop_identity_are_refused_all_the_same() {
    let policy = reporting();
    for target in ["/data/a%2f..%2fb", "/data/../strict", "/data;x", "/data//x"] {
        refused(ask(&policy, "GET", target, &[]), "ambiguous_path");
    }
    refused(
        ask(&policy, "GET", "/data", &[("connection", "x-auth-subject")]),
        "hop_by_hop_identity",
    );
}

#[test]
fn without_keys_a_reporting_rule_lets_pass_and_counts() {
    let policy = reporting();
    let bearer = format!("Bearer {}", good());
    let headers: [(&[u8], &[u8]); 1] = [(b"authorization", bearer.as_bytes())];
    let request = Request {
        method: b"GET",
        target: b"/data",
        headers: &headers,
    };
    let ring = KeyRing::new(&policy);
    let decision = judge(&policy, &ring, &mut cache(&policy), &request, NOW);
    assert_eq!(reported(decision, "no_keys").set, []);
}

#[test]
fn reporting_is_announced() {
    assert_eq!(reporting().rules_in_report_mode(), 1);
    let warnings = reporting().warnings();
    assert_eq!(
        warnings,
        ["rules[0] (prefix /data) only reports: requests that it would refuse pass"]
    );
    assert_eq!(policy(|_| {}).warnings(), [""; 0]);
}
