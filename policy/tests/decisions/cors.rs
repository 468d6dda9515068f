//! Pages of other origins.

use dockgate_policy::{Admission, Policy};
use serde_json::{Value, json};

use crate::support::*;

const ORIGIN: (&str, &str) = ("origin", "https://app.example");
const ANNOUNCED: (&str, &str) = ("access-control-request-method", "GET");

fn allowing(origins: Value) -> Policy {
    policy(|c| c["cors"] = json!({"allow_origins": origins}))
}

#[test]
fn a_preflight_of_a_listed_origin_passes_and_speaks_for_nobody() {
    let policy = allowing(json!(["https://app.example"]));
    let edits = passes(ask(
        &policy,
        "OPTIONS",
        "/data",
        &[
            ORIGIN,
            ANNOUNCED,
            ("authorization", "Basic x"),
            ("cookie", "a=b"),
            ("X_Auth.Subject", "admin"),
        ],
    ));
    let admission = &edits.admission;
    assert!(matches!(admission, Admission::Preflight));
    for name in ["authorization", "cookie", "X_Auth.Subject"] {
        assert!(edits.remove.contains(&name.as_bytes().to_vec()), "{name}");
    }
    assert!(edits.set.is_empty());
}

#[test]
fn nothing_else_passes_as_a_preflight() {
    let policy = allowing(json!(["https://app.example"]));
    let second = ("origin", "https://app.example");
    for (method, headers) in [
        ("OPTIONS", &[ORIGIN][..]),
        ("OPTIONS", &[ANNOUNCED]),
        ("OPTIONS", &[("origin", "https://other.example"), ANNOUNCED]),
        (
            "OPTIONS",
            &[("origin", "https://app.example.evil.example"), ANNOUNCED],
        ),
        ("OPTIONS", &[("origin", "HTTPS://app.example"), ANNOUNCED]),
        ("OPTIONS", &[("origin", "null"), ANNOUNCED]),
        ("OPTIONS", &[("origin", ""), ANNOUNCED]),
        ("OPTIONS", &[ORIGIN, second, ANNOUNCED]),
        ("OPTIONS", &[ORIGIN, ("access-control-request-method", "")]),
        ("OPTIONS", &[ORIGIN, ANNOUNCED, ANNOUNCED]),
        ("GET", &[ORIGIN, ANNOUNCED]),
        ("options", &[ORIGIN, ANNOUNCED]),
    ] {
        refused(ask(&policy, method, "/data", headers), "no_credentials");
    }
    let off = crate::support::policy(|_| {});
    refused(
        ask(&off, "OPTIONS", "/data", &[ORIGIN, ANNOUNCED]),
        "no_credentials",
    );
}

#[test]
fn a_preflight_passes_only_where_what_it_announces_could() {
    let policy = policy(|c| {
        c["cors"] = json!({"allow_origins": ["https://app.example"]});
        c["unmatched"] = json!("deny");
        c["rules"] = json!([
            {"prefix": "/data", "methods": ["GET"], "require": "token"},
            {"prefix": "/files", "require": "token", "allow": ["semicolon"]},
        ]);
    });
    let announce = |path: &str, method: &str| {
        let announced = ("access-control-request-method", method);
        ask(&policy, "OPTIONS", path, &[ORIGIN, announced])
    };
    passes(announce("/data", "GET"));
    refused(announce("/data", "DELETE"), "unmatched");
    refused(announce("/elsewhere", "GET"), "unmatched");
    passes(announce("/files/a;b", "PUT"));
    refused(announce("/data/a;b", "GET"), "ambiguous_path");
    refused(announce("/data/../x", "GET"), "ambiguous_path");
    refused(
        announce("/.well-known/oauth-authorization-server", "GET"),
        "no_such_document",
    );
}

/// The issuer has a CORS of its own.
#[test]
fn a_preflight_on_an_open_rule_is_the_upstreams() {
    let policy = allowing(json!(["https://app.example"]));
    let Passed { admission, .. } = passes(ask(&policy, "OPTIONS", "/token", &[ORIGIN, ANNOUNCED]));
    assert!(matches!(admission, Admission::Passthrough));
}

#[test]
fn a_listed_page_may_read_why_it_was_refused() {
    let read = |policy: &Policy, headers: &[(&str, &str)]| {
        let reply = refused(ask(policy, "GET", "/data", headers), "no_credentials");
        [
            "access-control-allow-origin",
            "access-control-expose-headers",
            "vary",
        ]
        .map(|name| header_of(&reply, name).map(str::to_owned))
    };
    let some = |text: &str| Some(text.to_owned());
    let listed = allowing(json!(["https://other.example", "https://app.example"]));
    assert_eq!(
        read(&listed, &[ORIGIN]),
        [
            some("https://app.example"),
            some("WWW-Authenticate"),
            some("Origin")
        ]
    );
    assert_eq!(
        read(&listed, &[("origin", "https://evil.example")]),
        [None, None, some("Origin")]
    );
    assert_eq!(read(&listed, &[]), [None, None, some("Origin")]);
    let any = allowing(json!(["*"]));
    assert_eq!(
        read(&any, &[ORIGIN]),
        [some("*"), some("WWW-Authenticate"), None]
    );
    assert_eq!(read(&policy(|_| {}), &[ORIGIN]), [None, None, None]);
}
