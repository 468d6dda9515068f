//! Which requests pass, and what changes in them on their way.

use dockgate_policy::Admission;
use dockgate_token::encode_segment;
use serde_json::json;

use crate::support::*;

#[test]
fn a_good_token_passes_and_its_claims_take_its_place() {
    let edits = passes(with_token(&policy(|_| {}), "GET", "/data/1?x=y", &good()));
    let Admission::Token(verified) = &edits.admission else {
        panic!("{:?}", edits.admission);
    };
    assert_eq!(
        (verified.subject(), verified.client_id()),
        (Some("alice"), Some("web"))
    );
    assert_eq!(edits.remove, [b"authorization".to_vec()]);
    let set: Vec<(&str, &str)> = edits
        .set
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        set,
        [
            ("x-auth-subject", "alice"),
            ("x-auth-client-id", "web"),
            ("x-auth-scope", "read"),
            ("x-auth-issuer", "https://issuer.example"),
        ]
    );
}

#[test]
fn settings_decide_what_the_upstream_sees() {
    let policy = policy(|c| {
        c["forward_token"] = json!(true);
        c["identity_headers"] =
            json!({"subject": "x-user", "scope": null, "claims": "x-auth-claims"});
    });
    let edits = passes(with_token(&policy, "GET", "/data", &good()));
    assert_eq!(edits.remove, Vec::<Vec<u8>>::new());
    let names: Vec<&str> = edits.set.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "x-user",
            "x-auth-client-id",
            "x-auth-issuer",
            "x-auth-claims"
        ]
    );
    assert_eq!(
        edits.set[3].1,
        encode_segment(claims().to_string().as_bytes())
    );
}

#[test]
fn lookalikes_of_identity_headers_are_removed_on_every_way_through() {
    let policy = policy(|_| {});
    let bearer = format!("Bearer {}", good());
    for (target, authorization) in [
        ("/health", None),
        ("/token", None),
        ("/data", Some(bearer.as_str())),
    ] {
        let mut headers = vec![
            ("x-auth-subject", "admin"),
            ("X_Auth.Subject", "admin"),
            ("x-auth-subject", "again"),
            ("x-other", "1"),
        ];
        headers.extend(authorization.map(|value| ("authorization", value)));
        let edits = passes(ask(&policy, "GET", target, &headers));
        for name in ["x-auth-subject", "X_Auth.Subject"] {
            assert!(
                edits.remove.contains(&name.as_bytes().to_vec()),
                "{target} {name}"
            );
        }
        assert!(!edits.remove.contains(&b"x-other".to_vec()));
    }
}

#[test]
fn a_public_rule_lets_no_bearer_credential_through_and_passthrough_keeps_all() {
    let policy = policy(|_| {});
    let removes = |target: &str, value: &str| {
        let edits = passes(ask(&policy, "GET", target, &[("authorization", value)]));
        edits.remove.contains(&b"authorization".to_vec())
    };
    assert!(removes("/health", "Bearer x"));
    assert!(removes("/health", "Basic x,Bearer y"));
    assert!(!removes("/health", "Basic x"));
    assert!(!removes("/token", "Bearer x"));
    assert!(!removes("/token", "Basic x"));
}

#[test]
fn the_first_rule_that_matches_path_and_method_decides() {
    let policy = policy(|_| {});
    passes(with_token(&policy, "GET", "/data/x", &good()));
    refused(
        with_token(&policy, "POST", "/data/x", &good()),
        "insufficient_scope",
    );
    passes(with_token(
        &policy,
        "POST",
        "/data/x",
        &token(|c| c["scope"] = json!("write read")),
    ));
    passes(with_token(
        &policy,
        "GET",
        "/any",
        &token(|c| c["scope"] = json!("admin")),
    ));
    refused(
        with_token(
            &policy,
            "GET",
            "/any",
            &token(|c| c["scope"] = json!("write")),
        ),
        "insufficient_scope",
    );
    refused(ask(&policy, "POST", "/health", &[]), "no_credentials");
    refused(ask(&policy, "OPTIONS", "/data/x", &[]), "no_credentials");
    // Below a prefix means after a slash.
    passes(with_token(&policy, "POST", "/database", &good()));
}

#[test]
fn what_no_rule_names_needs_a_token_or_is_denied() {
    refused(
        ask(&policy(|_| {}), "GET", "/elsewhere", &[]),
        "no_credentials",
    );
    passes(with_token(&policy(|_| {}), "GET", "/elsewhere", &good()));
    let complete = policy(|c| c["unmatched"] = json!("deny"));
    refused(
        with_token(&complete, "GET", "/elsewhere", &good()),
        "unmatched",
    );
    passes(with_token(&complete, "GET", "/data", &good()));
}

#[test]
fn ambiguous_paths_are_refused_even_where_everything_is_public() {
    let policy = policy(|c| c["rules"] = json!([{"prefix": "/", "require": "public"}, ]));
    passes(ask(&policy, "GET", "/x", &[]));
    for target in [
        "//x", "/a/../x", "/a/..;/x", "/x%2fy", "/x;y", "/x\\y", "/%61", "*", "",
    ] {
        assert_eq!(
            refused(ask(&policy, "GET", target, &[]), "ambiguous_path")
                .answer
                .status,
            400,
            "{target}"
        );
    }
}

#[test]
fn a_rule_may_allow_one_spelling() {
    let policy = policy(|_| {});
    passes(with_token(&policy, "GET", "/files/a%2Fb", &good()));
    refused(
        with_token(&policy, "GET", "/files/a;b", &good()),
        "ambiguous_path",
    );
    refused(
        with_token(&policy, "GET", "/data/a%2Fb", &good()),
        "ambiguous_path",
    );
    let latin_1 = crate::support::policy(|c| c["rules"][6]["allow"] = json!(["non_utf8"]));
    passes(with_token(&latin_1, "GET", "/files/caf%e9", &good()));
    for (policy, target) in [
        (&policy, "/files/caf%e9"),
        (&latin_1, "/data/caf%e9"),
        // Whatever a rule allows, a slash or a dot in disguise it does not.
        (&latin_1, "/files/..%c0%af..%c0%afdata"),
        (&latin_1, "/files/%e0%80%ae%e0%80%ae/data"),
    ] {
        refused(with_token(policy, "GET", target, &good()), "ambiguous_path");
    }
}

#[test]
fn a_token_for_a_resource_opens_that_resource_only() {
    let policy = policy(|_| {});
    let for_mcp = token(|c| c["aud"] = json!(["api", "https://api.example/mcp"]));
    passes(with_token(&policy, "GET", "/mcp", &for_mcp));
    passes(with_token(&policy, "GET", "/mcp/x", &for_mcp));
    refused(
        with_token(&policy, "GET", "/mcpx", &for_mcp),
        "outside_resource",
    );
    let unbound = crate::support::policy(|c| c["bind_resource_path"] = json!(false));
    passes(with_token(&unbound, "GET", "/data", &for_mcp));
}

#[test]
fn a_connection_option_cannot_take_the_identity_away() {
    let policy = policy(|_| {});
    for target in ["/data", "/health", "/token"] {
        for options in [
            "close, x-auth-subject",
            "Upgrade,X_Auth.Scope",
            "authorization",
        ] {
            let headers = [("authorization", "Bearer x"), ("connection", options)];
            let reply = refused(ask(&policy, "GET", target, &headers), "hop_by_hop_identity");
            assert_eq!(reply.answer.status, 400);
        }
    }
    passes(ask(
        &policy,
        "GET",
        "/health",
        &[("connection", "keep-alive, Upgrade")],
    ));
}

#[test]
fn a_template_is_for_any_one_segment_in_the_place_of_its_placeholder() {
    let policy = policy(|_| {});
    for target in ["/users/1/notes", "/users/%20/notes", "/users/notes/notes?x"] {
        refused(
            with_token(&policy, "GET", target, &good()),
            "insufficient_scope",
        );
        let notes = token(|c| c["scope"] = json!("notes"));
        passes(with_token(&policy, "GET", target, &notes));
    }
    for target in [
        "/users/1/notes/",
        "/users/1/other",
        "/users/1/2/notes",
        "/people/1/notes",
    ] {
        passes(with_token(&policy, "GET", target, &good()));
    }
}
