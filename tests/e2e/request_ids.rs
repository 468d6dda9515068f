//! One request has one id, from Envoy to the page that its user sees.

use std::time::Duration;

use dockgate_stack::{Deadline, Stack};
use dockgate_tests::demo;
use dockgate_tests::http::{get, post};

/// What a client makes up, which must not be found in place of what Envoy says.
const OWN: &str = "00000000-made-up-by-the-client";

/// The line of a log that has all of `parts`.
fn line(stack: &Stack, parts: &[&str]) -> String {
    let found = Deadline::after(Duration::from_secs(20)).poll(|| {
        let logs = stack.logs();
        let mut lines = logs.lines();
        let own = lines.find(|line| parts.iter().all(|part| line.contains(part)));
        own.map(str::to_owned)
    });
    found.unwrap_or_else(|| panic!("no line with {parts:?}"))
}

fn id_in<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{text}"));
    rest.split_once(after).unwrap().0
}

#[test]
fn what_a_page_shows_for_reference_is_in_the_logs_of_envoy_and_issuer() {
    let stack = demo();
    let page = get("/authorize?client_id=nobody-at-all")
        .header("x-request-id", OWN)
        .send(stack.ports().http);
    assert_eq!(page.status, 400);
    let text = page.text();
    let id = id_in(&text, "<dt>Reference</dt><dd><code>", "</code>");
    assert!(id.len() == 36 && id != OWN, "{id}");
    line(&stack, &["GET /authorize 400", id]);
    let own = line(&stack, &["page refused", id]);
    assert_eq!(id_in(&own, "request_id=\"", "\""), id);
    assert!(!stack.logs().contains(OWN), "nobody believed the client");
}

#[test]
fn a_clients_refusal_has_the_same_id_in_the_logs_of_envoy_and_issuer() {
    let stack = demo();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "service"),
        ("client_secret", "not-the-secret"),
    ];
    let answer = post("/token").form(&form).send(stack.ports().http);
    assert_eq!(answer.status, 401);
    line(&stack, &["POST /token 401"]);
    // Envoy writes its line after the issuer's, and is read first.
    let logs = stack.logs();
    let refused: Vec<_> = logs
        .lines()
        .filter(|line| line.contains("request refused"))
        .collect();
    for line in logs
        .lines()
        .filter(|line| line.contains(" POST /token 401 "))
    {
        let id = line.rsplit(' ').next().unwrap();
        assert_eq!(id.len(), 36, "{line}");
        let named = format!("request_id=\"{id}\"");
        assert!(refused.iter().any(|line| line.contains(&named)), "{line}");
    }
}
