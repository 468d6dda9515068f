//! A token is verified once, and believed no longer than its key and its times allow.

use std::time::Duration;

use dockgate_stack::{Deadline, Stack};
use dockgate_tests::forge::{Forge, now};
use dockgate_tests::http::get;
use dockgate_tests::stats::{assert_counted, stat};
use dockgate_token::Algorithm;
use serde_json::{Value, json};

fn ask(stack: &Stack, token: &str) -> u16 {
    get("/api/protected/data")
        .bearer(token)
        .send(stack.ports().http)
        .status
}

#[test]
fn a_known_token_is_counted_as_a_hit() {
    let forge = Forge::new();
    let stack = forge.stack();
    let token = forge.token(Algorithm::ES256, |_| {});
    for _ in 0..20 {
        assert_eq!(ask(&stack, &token), 200);
    }
    // Each of the two workers has verified the token at most once, and the start of the stack has sent
    // tokens of its own, perhaps before there were keys.
    let counted = Deadline::after(Duration::from_secs(10)).poll(|| {
        let (hits, entries) = (stat(&stack, "cache.hits"), stat(&stack, "cache.entries"));
        (hits >= 18 && (1..=4).contains(&entries)).then_some(entries)
    });
    let entries = counted.expect("hits");
    assert!(stat(&stack, "cache.misses") >= entries);
    assert_counted(&stack, "cache.evictions", 0);
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
    // Keys are fetched every ten seconds, and each worker takes them over within one more. Forty
    // connections in a row would hardly all be one worker's.
    let refused = Deadline::after(Duration::from_secs(40))
        .poll(|| (0..40).all(|_| ask(&stack, &gone) == 401).then_some(()));
    assert_eq!(refused, Some(()), "the key is gone");
    for _ in 0..10 {
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
