//! What the host's other parts are told.

use dockgate_policy::Policy;
use serde_json::{Value, json};

use crate::support::*;

fn telling(fields: Value) -> Policy {
    policy(|c| {
        c["filter_state"] = fields;
        c["rules"][2]["enforcement"] = json!("report");
    })
}

fn told(verdict: Verdict) -> Vec<(&'static str, String)> {
    passes(verdict).filter_state
}

fn pairs(expected: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let owned = expected
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    owned.collect()
}

#[test]
fn what_is_asked_for_is_told_of_each_request_that_passes() {
    let all = telling(json!([
        "subject",
        "client_id",
        "scope",
        "issuer",
        "rule",
        "would_deny"
    ]));
    let caller = [
        ("dockgate.subject", "alice"),
        ("dockgate.client_id", "web"),
        ("dockgate.scope", "read"),
        ("dockgate.issuer", "https://issuer.example"),
    ];
    let mut good_data = caller.to_vec();
    good_data.push(("dockgate.rule", "rules[2]"));
    assert_eq!(
        told(with_token(&all, "GET", "/data", &good())),
        pairs(&good_data)
    );
    let mut unmatched = caller.to_vec();
    unmatched.push(("dockgate.rule", "unmatched"));
    assert_eq!(
        told(with_token(&all, "GET", "/elsewhere", &good())),
        pairs(&unmatched)
    );
    assert_eq!(
        told(ask(&all, "GET", "/health", &[])),
        pairs(&[("dockgate.rule", "rules[1]")])
    );
    assert_eq!(
        told(ask(&all, "GET", "/data", &[])),
        pairs(&[
            ("dockgate.rule", "rules[2]"),
            ("dockgate.would_deny", "no_credentials")
        ])
    );
}

#[test]
fn nothing_is_told_that_was_not_asked_for() {
    let decision = with_token(&telling(json!([])), "GET", "/data", &good());
    assert_eq!(told(decision), []);
    let decision = with_token(&telling(json!(["client_id"])), "GET", "/data", &good());
    assert_eq!(told(decision), pairs(&[("dockgate.client_id", "web")]));
}

/// Access logs write it as it is: a line break would make a second line.
#[test]
fn a_claim_that_could_break_a_line_is_refused_even_where_it_is_no_header() {
    let hostile = token(|c| c["sub"] = json!("alice\n127.0.0.1 GET /"));
    let quiet = |c: &mut Value| c["identity_headers"] = json!({"subject": null});
    passes(with_token(&policy(quiet), "GET", "/any", &hostile));
    let told = policy(|c| {
        quiet(c);
        c["filter_state"] = json!(["subject"]);
    });
    refused(
        with_token(&told, "GET", "/any", &hostile),
        "claim_not_header_safe",
    );
}
