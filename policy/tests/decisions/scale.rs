//! Tables of ten thousand rules, tokens and rules of ten thousand scopes: what they cost grows as they
//! do, and no faster.

use std::time::Duration;

use dockgate_corpus::worked;
use dockgate_policy::{Policy, Request};
use serde_json::{Value, json};

use crate::support::*;

const MANY: usize = 10_000;
const FEW: usize = MANY / 4;
/// Four times as much takes four times as long; with work by each for each it would be sixteen times.
const MOST: u32 = 10;

/// The shortest names: a token has room for ten thousand.
fn scope(number: usize) -> String {
    let digit = |place: usize| char::from(b'a' + u8::try_from(number / place % 26).unwrap());
    [676, 26, 1].map(digit).iter().collect()
}

fn scopes(count: usize) -> Vec<String> {
    (0..count).map(scope).collect()
}

fn configuration(rules: impl Iterator<Item = Value>) -> String {
    json!({
        "issuers": [{
            "issuer": "https://issuer.example",
            "audiences": ["api"],
            "jwks": {"cluster": "issuer", "uri": "https://issuer.example/jwks.json"},
        }],
        "max_token_bytes": 61_440,
        // No header has room for as many.
        "identity_headers": {"scope": null},
        "protected_resources": [{"resource": "https://api.example"}],
        "rules": rules.collect::<Vec<_>>(),
    })
    .to_string()
}

/// A rule for each scope, none of which has the request before the last.
fn rules(count: usize) -> String {
    configuration((0..count).map(
        |number| json!({"prefix": format!("/part{number}"), "require": {"all_scopes": [scope(number)]}}),
    ))
}

/// One rule with all of them.
fn one_rule(kind: &str, count: usize) -> String {
    let rule = json!({"prefix": "/part", "require": {kind: scopes(count)}});
    configuration(std::iter::once(rule))
}

fn read(configuration: &str) -> Policy {
    Policy::from_json(configuration.as_bytes()).unwrap()
}

/// The least that some runs took of the processor.
fn least(mut run: impl FnMut()) -> Duration {
    let times = (0..3).map(|_| {
        let before = worked();
        run();
        worked() - before
    });
    times.min().unwrap()
}

#[track_caller]
fn grows_no_faster(what: &str, few: Duration, many: Duration) {
    println!("{what}: {few:?}, {many:?}");
    assert!(
        many < MOST * few.max(Duration::from_millis(1)),
        "{what}: {few:?}, {many:?}"
    );
}

/// What a request takes with a token of the first so many scopes that was not seen before.
fn decided(policy: &Policy, path: &str, count: usize, reason: Option<&str>) -> Duration {
    let bearer = format!(
        "Bearer {}",
        token(|claims| claims["scope"] = scopes(count).join(" ").into())
    );
    let headers: [(&[u8], &[u8]); 1] = [(b"authorization", bearer.as_bytes())];
    let request = Request {
        method: b"GET",
        target: path.as_bytes(),
        headers: &headers,
    };
    let ring = key_ring(policy);
    least(|| {
        let verdict = judge(policy, &ring, &mut cache(policy), &request, NOW);
        match reason {
            None => drop(passes(verdict)),
            Some(reason) => drop(refused(verdict, reason)),
        }
    })
}

#[test]
fn a_configuration_of_ten_thousand_rules_is_read() {
    let [few, many] = [FEW, MANY].map(|count| {
        let text = rules(count);
        least(|| drop(read(&text)))
    });
    grows_no_faster("rules read", few, many);
    let [few, many] = [FEW, MANY].map(|count| {
        let text = one_rule("all_scopes", count);
        least(|| drop(read(&text)))
    });
    grows_no_faster("scopes read", few, many);
}

#[test]
fn the_last_of_ten_thousand_rules_is_found_with_ten_thousand_scopes() {
    let [few, many] = [FEW, MANY].map(|count| {
        let path = format!("/part{}", count - 1);
        decided(&read(&rules(count)), &path, count, None)
    });
    grows_no_faster("a rule each", few, many);
}

#[test]
fn ten_thousand_scopes_are_looked_for_among_ten_thousand() {
    let [few, many] = [FEW, MANY].map(|count| {
        let policy = read(&one_rule("all_scopes", count));
        decided(&policy, "/part", count - 1, Some("insufficient_scope"));
        decided(&policy, "/part", count, None)
    });
    grows_no_faster("all scopes", few, many);
    let [few, many] = [FEW, MANY].map(|count| {
        let others = (0..count).map(|number| format!("other{number}"));
        let rule = json!({"prefix": "/part", "require": {"any_scope": others.collect::<Vec<_>>()}});
        let policy = read(&configuration(std::iter::once(rule)));
        decided(&policy, "/part", count, Some("insufficient_scope"))
    });
    grows_no_faster("any scope", few, many);
}
