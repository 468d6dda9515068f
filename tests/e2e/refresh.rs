//! Refresh tokens: rotation that survives races and crashes and still notices theft.

use std::collections::BTreeSet;
use std::thread;

use dockgate_stack::{Edit, Stack, StackOptions};
use dockgate_tests::authorization_server::claims;
use dockgate_tests::demo;
use dockgate_tests::sign_in::*;
use serde_json::json;

#[test]
fn every_refresh_gives_a_successor_and_a_retry_the_same_one() {
    let stack = demo();
    let first = tokens(&stack, "spa", "openid api:read api:write");
    let old = text(&first, "refresh_token");
    let once = refresh(&stack, "spa", old).json();
    let again = refresh(&stack, "spa", old).json();
    assert_ne!(text(&once, "refresh_token"), old);
    assert_eq!(once["refresh_token"], again["refresh_token"]);
    assert_ne!(once["access_token"], again["access_token"]);
    for (member, value) in [("sub", "user-4cmzq8xg2v"), ("client_id", "spa")] {
        assert_eq!(claims(text(&once, "access_token"))[member], value);
    }
    let before = claims(text(&first, "access_token"));
    let after = claims(text(&once, "access_token"));
    for fixed in ["auth_time", "amr", "grant_id", "aud"] {
        assert_eq!(
            before[fixed], after[fixed],
            "{fixed} stays (RFC 9068 §2.2.1)"
        );
    }
    // The successor is used: the old one is a latecomer, and the family lives on.
    let next = refresh(&stack, "spa", text(&once, "refresh_token")).json();
    let late = refresh(&stack, "spa", old);
    assert_eq!(
        (late.status, &late.json()["error"]),
        (400, &json!("invalid_grant"))
    );
    assert_eq!(
        refresh(&stack, "spa", text(&next, "refresh_token")).status,
        200
    );
}

#[test]
fn fifty_at_once_stay_one_family_and_nobody_is_logged_out() {
    let stack = demo();
    let first = tokens(&stack, "spa", "api:read");
    let old = text(&first, "refresh_token");
    let successors: BTreeSet<String> = thread::scope(|scope| {
        let stack = &stack;
        let all: Vec<_> = (0..50)
            .map(|_| scope.spawn(move || refresh(stack, "spa", old)))
            .collect();
        all.into_iter()
            .map(|thread| {
                let response = thread.join().unwrap();
                assert_eq!(response.status, 200, "{}", response.text());
                text(&response.json(), "refresh_token").to_owned()
            })
            .collect()
    });
    assert_eq!(successors.len(), 1, "one successor for all");
    let successor = successors.first().unwrap();
    assert_eq!(refresh(&stack, "spa", successor).status, 200);
}

#[test]
fn narrowing_does_not_stick_and_nothing_grows() {
    let stack = demo();
    let first = tokens(&stack, "web", "api:read api:write");
    let with = |token: &str, extra: (&str, &str)| {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            extra,
        ];
        dockgate_tests::sign_in::token(&stack, "web", &form)
    };
    let old = text(&first, "refresh_token");
    let admin = with(old, ("scope", "api:read api:admin"));
    assert_eq!(
        (admin.status, &admin.json()["error"]),
        (400, &json!("invalid_scope"))
    );
    let elsewhere = with(old, ("resource", "https://elsewhere.example"));
    assert_eq!(
        (elsewhere.status, &elsewhere.json()["error"]),
        (400, &json!("invalid_target"))
    );
    let narrow = with(old, ("scope", "api:read")).json();
    assert_eq!(narrow["scope"], "api:read");
    let full = refresh(&stack, "web", text(&narrow, "refresh_token")).json();
    assert_eq!(full["scope"], "api:read api:write");
}

#[test]
fn altered_and_foreign_tokens_hurt_nobody() {
    let stack = demo();
    let first = tokens(&stack, "spa", "api:read");
    let good = text(&first, "refresh_token");
    for at in (0..good.len()).step_by(7) {
        let mut altered = good.to_owned().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        let refused = refresh(&stack, "spa", &altered);
        assert_eq!(
            (refused.status, &refused.json()["error"]),
            (400, &json!("invalid_grant"))
        );
    }
    assert_eq!(
        refresh(&stack, "web", good).json()["error"],
        "invalid_grant"
    );
    let access = text(&first, "access_token");
    assert_eq!(
        refresh(&stack, "spa", access).json()["error"],
        "invalid_grant"
    );
    assert_eq!(refresh(&stack, "spa", good).status, 200);
}

#[test]
fn with_no_grace_any_second_use_revokes_the_family() {
    let options = StackOptions {
        issuer_edits: vec![Edit::once(
            "access_token_seconds = 600",
            "access_token_seconds = 600\nrefresh_grace_seconds = 0",
        )],
        ..StackOptions::default()
    };
    let stack = Stack::start(options).unwrap_or_else(|error| panic!("{error}"));
    let first = tokens(&stack, "spa", "api:read");
    let old = text(&first, "refresh_token");
    let next = refresh(&stack, "spa", old).json();
    let access = text(&next, "access_token");
    assert_eq!(introspect(&stack, access)["active"], true);
    assert_eq!(refresh(&stack, "spa", old).json()["error"], "invalid_grant");
    let newest = refresh(&stack, "spa", text(&next, "refresh_token"));
    assert_eq!(newest.json()["error"], "invalid_grant", "AS-041");
    assert_eq!(introspect(&stack, access), json!({ "active": false }));

    // A race without grace: at most one wins, and the family is gone all the same (AS-042).
    let first = tokens(&stack, "spa", "api:read");
    let old = text(&first, "refresh_token");
    let won: usize = thread::scope(|scope| {
        let stack = &stack;
        let all: Vec<_> = (0..20)
            .map(|_| scope.spawn(move || refresh(stack, "spa", old).status))
            .collect();
        all.into_iter()
            .map(|thread| usize::from(thread.join().unwrap() == 200))
            .sum()
    });
    assert!(won <= 1, "{won}");
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let stack = Stack::start(StackOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    let first = tokens(&stack, "spa", "api:read");
    let old = text(&first, "refresh_token").to_owned();
    let next = refresh(&stack, "spa", &old).json();
    stack.kill_issuer();
    stack.start_issuer().unwrap();
    // The rotation is remembered, successor and all.
    let again = refresh(&stack, "spa", &old).json();
    assert_eq!(again["refresh_token"], next["refresh_token"]);
    let newest = refresh(&stack, "spa", text(&next, "refresh_token")).json();
    assert_eq!(
        introspect(&stack, text(&newest, "access_token"))["active"],
        true
    );
    // So is a revocation.
    let form = [("token", text(&newest, "refresh_token"))];
    assert_eq!(client_post(&stack, "/revoke", "spa", &form).status, 200);
    stack.kill_issuer();
    stack.start_issuer().unwrap();
    assert_eq!(
        refresh(&stack, "spa", text(&newest, "refresh_token")).status,
        400
    );
    assert_eq!(
        introspect(&stack, text(&newest, "access_token")),
        json!({ "active": false })
    );
}
