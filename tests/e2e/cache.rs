//! A token is verified once, and believed no longer than its key and its times allow.

use std::time::Duration;

use dockgate_stack::{Deadline, Stack};
use dockgate_tests::forge::{Forge, now};
use dockgate_tests::http::get;
use dockgate_token::Algorithm;
use serde_json::{Value, json};

fn ask(stack: &Stack, token: &str) -> u16 {
    get("/api/protected/data")
        .bearer(token)
        .send(stack.ports().http)
        .status
}

/// A counter or gauge of the filter's; 0 when it is not there.
fn stat(stack: &Stack, name: &str) -> u64 {
    let target = format!("/stats?format=json&filter=dockgate.{name}$");
    let stats = get(target).send(stack.ports().admin).json();
    let found = stats["stats"].as_array().into_iter().flatten();
    found.filter_map(|stat| stat["value"].as_u64()).sum()
}

#[test]
fn a_known_token_is_counted_as_a_hit() {
    let forge = Forge::new();
    let stack = forge.stack();
    let token = forge.token(Algorithm::ES256, |_| {});
    for _ in 0..20 {
        assert_eq!(ask(&stack, &token), 200);
    }
    // Counts reach Envoy once a second. Each of the two workers has verified the token at most once,
    // and the start of the stack has sent one of its own.
    let counted = Deadline::after(Duration::from_secs(10)).poll(|| {
        let counts =
            ["hits", "misses", "entries"].map(|name| stat(&stack, &format!("cache.{name}")));
        let [hits, misses, entries] = counts;
        let all = hits + misses >= 20 && hits + misses == stat(&stack, "admitted.token");
        (all && hits >= 18 && entries == misses).then_some(())
    });
    assert_eq!(counted, Some(()), "hits and misses");
    assert_eq!(stat(&stack, "cache.evictions"), 0);
}

#[test]
fn a_known_token_stops_opening_when_its_key_leaves_the_jwks() {
    let forge = Forge::new();
    let stack = forge.stack();
    let gone = forge.token(Algorithm::ES256, |_| {});
    let stays = forge.token(Algorithm::EdDSA, |_| {});
    for token in [&gone, &stays] {
        for _ in 0..10 {
            assert_eq!(ask(&stack, token), 200);
        }
    }
    let mut jwks: Value = serde_json::from_str(&forge.jwks.document()).unwrap();
    let keys = jwks["keys"].as_array_mut().unwrap();
    keys.retain(|key| key["alg"] != "ES256");
    forge
        .jwks
        .answer_with(200, &json!({ "keys": keys }).to_string());
    // Both workers fetch every ten seconds.
    let refused = Deadline::after(Duration::from_secs(40))
        .poll(|| (0..8).all(|_| ask(&stack, &gone) == 401).then_some(()));
    assert_eq!(refused, Some(()), "the key is gone");
    for _ in 0..10 {
        assert_eq!(ask(&stack, &gone), 401);
        assert_eq!(ask(&stack, &stays), 200);
    }
}

#[test]
fn a_known_token_stops_opening_when_its_time_is_over() {
    let forge = Forge::new();
    let stack = forge.stack();
    // The filter allows clocks to differ by 30 seconds.
    let token = forge.token(Algorithm::ES256, |c| c["exp"] = json!(now() - 20));
    assert_eq!(ask(&stack, &token), 200);
    let refused = Deadline::after(Duration::from_secs(15))
        .poll(|| (ask(&stack, &token) == 401).then_some(()));
    assert_eq!(refused, Some(()), "the token has expired");
}
