//! Many at once, on the real stack: a code and a device code give tokens once, and a refresh token
//! has one successor, also when the issuer is killed in between.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use dockgate_stack::{Deadline, Stack, StackOptions};
use dockgate_tests::browser::Browser;
use dockgate_tests::demo;
use dockgate_tests::http::Response;
use dockgate_tests::sign_in::*;
use serde_json::json;

const ALICE: (&str, &str) = ("alice", "wonderland");
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The answers to one request that is made `times` at once.
fn at_once(times: usize, request: impl Fn() -> Response + Sync) -> Vec<Response> {
    let start = Barrier::new(times);
    thread::scope(|scope| {
        let ask = || {
            start.wait();
            request()
        };
        let all: Vec<_> = (0..times).map(|_| scope.spawn(ask)).collect();
        let answers = all.into_iter().map(|thread| thread.join());
        answers.map(|answer| answer.expect("an answer")).collect()
    })
}

/// The one that succeeded; the others are told that there is nothing to be had.
#[track_caller]
fn the_only_success(answers: Vec<Response>) -> Response {
    let (good, bad): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 200);
    for answer in &bad {
        let seen = (answer.status, answer.json()["error"].clone());
        assert_eq!(seen, (400, json!("invalid_grant")), "{}", answer.text());
    }
    assert_eq!(good.len(), 1, "of {}", good.len() + bad.len());
    good.into_iter().next().expect("one")
}

#[test]
fn of_a_hundred_redemptions_of_a_code_one_succeeds_and_is_revoked_by_the_others() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    for _ in 0..20 {
        let page = authorize(&mut browser, &code_request("spa", "api:read"), ALICE);
        let code = code(&page);
        let answers = at_once(100, || redeem(&stack, "spa", &code));
        let tokens = the_only_success(answers).json();
        // Two parties have the code (RFC 6749 §4.1.2).
        let access = text(&tokens, "access_token");
        assert_eq!(introspect(&stack, access), json!({ "active": false }));
        let again = refresh(&stack, "spa", text(&tokens, "refresh_token"));
        assert_eq!(again.json()["error"], "invalid_grant");
    }
}

#[test]
fn of_fifty_polls_of_a_device_one_gets_the_tokens() {
    let stack = demo();
    let begun = client_post(
        &stack,
        "/device_authorization",
        "tv",
        &[("scope", "api:read")],
    );
    let begun = begun.json();
    let form = [
        ("grant_type", DEVICE),
        ("device_code", text(&begun, "device_code")),
    ];
    for answer in at_once(50, || token(&stack, "tv", &form)) {
        let error = answer.json()["error"].clone();
        let expected = [json!("authorization_pending"), json!("slow_down")];
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(expected.contains(&error), "{error}");
    }
    let mut phone = Browser::new(stack.ports().http);
    let page = phone.open(text(&begun, "verification_uri_complete"));
    let page = phone.submit(&page, &[("username", ALICE.0), ("password", ALICE.1)], None);
    let page = phone.submit(&page, &[("user_code", text(&begun, "user_code"))], None);
    let page = phone.submit(&page, &[], Some("allow"));
    assert_eq!(page.response.status, 200, "{}", page.response.text());
    let tokens = the_only_success(at_once(50, || token(&stack, "tv", &form))).json();
    // Who polls too often is no thief: the grant lives.
    let access = text(&tokens, "access_token");
    assert_eq!(introspect(&stack, access)["active"], true);
    let next = refresh(&stack, "tv", text(&tokens, "refresh_token"));
    assert_eq!(next.status, 200, "{}", next.text());
}

/// One of many tabs that refresh the same token: asks until it is answered, and counts answers.
/// What Envoy says while there is no issuer is no answer.
fn successor(stack: &Stack, token: &str, answered: &AtomicUsize) -> String {
    let ask = || {
        let response = refresh(stack, "spa", token);
        (response.status != 503).then_some(response)
    };
    let response = Deadline::after(Duration::from_secs(25))
        .poll(ask)
        .expect("the issuer is back");
    answered.fetch_add(1, Ordering::SeqCst);
    assert_eq!(response.status, 200, "{}", response.text());
    text(&response.json(), "refresh_token").to_owned()
}

#[test]
fn fifty_refresh_at_once_while_the_issuer_is_killed_and_nobody_is_logged_out() {
    const TABS: usize = 50;
    let stack = Stack::start(StackOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    let first = tokens(&stack, "spa", "api:read");
    let mut token = text(&first, "refresh_token").to_owned();
    // Killed before anybody has an answer, in the middle of it, and after nearly all have one.
    for kill_after in [0, 1, 2, 5, 10, 25, 45] {
        let answered = AtomicUsize::new(0);
        let successors: BTreeSet<String> = thread::scope(|scope| {
            let tab = || successor(&stack, &token, &answered);
            let tabs: Vec<_> = (0..TABS).map(|_| scope.spawn(tab)).collect();
            let reached = Deadline::after(Duration::from_secs(25))
                .poll_every(Duration::from_micros(100), || {
                    (answered.load(Ordering::SeqCst) >= kill_after).then_some(())
                });
            assert!(reached.is_some(), "{kill_after} answers");
            stack.kill_issuer();
            stack
                .start_issuer()
                .unwrap_or_else(|error| panic!("{error}"));
            let given = tabs.into_iter().map(|tab| tab.join());
            given.map(|given| given.expect("a successor")).collect()
        });
        assert_eq!(successors.len(), 1, "one family, killed after {kill_after}");
        // A tab that has heard nothing yet comes with the token of before.
        let again = refresh(&stack, "spa", &token).json();
        let next = text(&again, "refresh_token").to_owned();
        assert!(successors.contains(&next));
        assert_ne!(next, token);
        token = next;
    }
    let newest = refresh(&stack, "spa", &token).json();
    let access = text(&newest, "access_token");
    assert_eq!(introspect(&stack, access)["active"], true);
}
