//! What is remembered of a token, and what is looked at again each time.

use std::cell::Cell;

use dockgate_policy::keys::{KeyRing, KeySet, VerificationKey};
use dockgate_policy::signature::{SoftwareVerifier, VerifySignature};
use dockgate_policy::{CacheTally, Decision, Policy, Request, TokenCache, decide};
use serde_json::{Value, json};

use crate::support::*;

/// A gate that remembers, and counts how often it had to check a signature.
struct Gate {
    policy: Policy,
    keys: KeyRing,
    cache: TokenCache,
    checked: Counting,
}

#[derive(Default)]
struct Counting(Cell<usize>);

impl VerifySignature for Counting {
    fn verify(&self, key: &VerificationKey, signing_input: &[u8], signature: &[u8]) -> bool {
        self.0.set(self.0.get() + 1);
        SoftwareVerifier.verify(key, signing_input, signature)
    }
}

impl Gate {
    fn new(mutate: impl FnOnce(&mut Value)) -> Self {
        let policy = policy(mutate);
        Self {
            keys: key_ring(&policy),
            cache: cache(&policy),
            checked: Counting::default(),
            policy,
        }
    }

    /// `"passed"`, or the reason why not.
    fn ask_at(&mut self, now: u64, target: &str, token: &str) -> &'static str {
        let bearer = format!("Bearer {token}");
        let headers: [(&[u8], &[u8]); 1] = [(b"authorization", bearer.as_bytes())];
        let request = Request {
            method: b"GET",
            target: target.as_bytes(),
            headers: &headers,
        };
        let Self {
            policy,
            keys,
            cache,
            checked,
        } = self;
        match decide(policy, keys, checked, cache, &request, now) {
            Decision::Forward(_) => "passed",
            Decision::Reply(reply) => reply.denial.unwrap().reason(),
        }
    }

    fn ask(&mut self, token: &str) -> &'static str {
        self.ask_at(NOW, "/data", token)
    }

    fn checked(&self) -> usize {
        self.checked.0.get()
    }

    fn publish(&mut self, keys: &[Value], now: u64) {
        let document = json!({ "keys": keys }).to_string();
        let set = KeySet::parse(document.as_bytes()).unwrap().0;
        self.keys.fetched(0, set, now, now);
    }
}

#[test]
fn a_token_is_verified_once_and_its_claims_are_passed_on_each_time() {
    let policy = policy(|c| c["identity_headers"] = json!({"claims": "x-auth-claims"}));
    let (keys, mut cache) = (key_ring(&policy), cache(&policy));
    let bearer = format!("Bearer {}", good());
    let headers: [(&[u8], &[u8]); 1] = [(b"authorization", bearer.as_bytes())];
    let request = Request {
        method: b"GET",
        target: b"/data",
        headers: &headers,
    };
    let mut ask = || passes(judge(&policy, &keys, &mut cache, &request, NOW));
    let (first, second) = (ask(), ask());
    assert_eq!((first.remove, &first.set), (second.remove, &second.set));
    assert_eq!(first.set.len(), 5);
    let expected = CacheTally {
        hits: 1,
        misses: 1,
        evictions: 0,
    };
    assert_eq!((cache.take_tally(), cache.entries()), (expected, 1));
}

#[test]
fn a_bad_token_is_never_remembered() {
    let mut gate = Gate::new(|_| {});
    let forged = sign(2, &header(), &claims());
    let unsafe_claim = token(|c| c["sub"] = json!("\u{e9}"));
    let elsewhere = token(|c| c["aud"] = json!("other"));
    for token in [&forged, &unsafe_claim, &elsewhere] {
        for _ in 0..2 {
            assert_ne!(gate.ask(token), "passed");
        }
    }
    assert_eq!((gate.checked(), gate.cache.entries()), (6, 0));
}

#[test]
fn a_known_token_with_one_character_changed_does_not_pass() {
    let mut gate = Gate::new(|_| {});
    let good = good();
    assert_eq!(gate.ask(&good), "passed");
    for position in 0..good.len() {
        let mut other = good.clone().into_bytes();
        other[position] = if other[position] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).unwrap();
        assert_ne!(gate.ask(&other), "passed", "{position}");
    }
    assert_eq!(gate.ask(&good), "passed");
    assert_eq!(gate.cache.entries(), 1);
}

#[test]
fn scopes_resources_and_rules_are_looked_at_each_time() {
    let mut gate = Gate::new(|_| {});
    let bound = token(|c| c["aud"] = json!(["api", "https://api.example/data"]));
    for _ in 0..2 {
        assert_eq!(gate.ask_at(NOW, "/data", &bound), "passed");
        assert_eq!(
            gate.ask_at(NOW, "/users/1/notes", &bound),
            "outside_resource"
        );
        let wide = good();
        assert_eq!(
            gate.ask_at(NOW, "/users/1/notes", &wide),
            "insufficient_scope"
        );
        assert_eq!(gate.ask_at(NOW, "/any", &wide), "passed");
    }
    assert_eq!(gate.checked(), 2);
}

#[test]
fn a_known_token_ends_when_it_says_and_leaves_its_place() {
    let mut gate = Gate::new(|_| {});
    let short = token(|c| c["exp"] = json!(NOW + 60));
    assert_eq!(gate.ask_at(NOW + 89, "/data", &short), "passed");
    assert_eq!(gate.ask_at(NOW + 89, "/data", &short), "passed");
    assert_eq!(gate.ask_at(NOW + 90, "/data", &short), "expired");
    assert_eq!((gate.cache.entries(), gate.checked()), (0, 1));
    assert_eq!(gate.ask_at(NOW + 90, "/data", &short), "expired");
    assert_eq!(gate.checked(), 1, "that needs no signature");
}

#[test]
fn a_known_token_is_not_yet_good_when_the_clock_goes_back() {
    let mut gate = Gate::new(|_| {});
    let later = token(|c| c["nbf"] = json!(NOW));
    assert_eq!(gate.ask_at(NOW, "/data", &later), "passed");
    assert_eq!(gate.ask_at(NOW - 31, "/data", &later), "not_yet_valid");
    assert_eq!(gate.ask_at(NOW - 30, "/data", &later), "passed");
    let fresh = token(|c| c["iat"] = json!(NOW));
    assert_eq!(gate.ask_at(NOW, "/data", &fresh), "passed");
    assert_eq!(gate.ask_at(NOW - 31, "/data", &fresh), "issued_in_future");
}

#[test]
fn a_known_token_goes_with_its_key() {
    type Published = Vec<Value>;
    let cases: [(&str, &str, Published); 6] = [
        ("the same document again", "passed", vec![jwk(1, "k")]),
        ("one more key", "passed", vec![jwk(2, "other"), jwk(1, "k")]),
        ("another key", "unknown_key", vec![jwk(2, "other")]),
        ("another name", "unknown_key", vec![jwk(1, "other")]),
        (
            "another key of its name",
            "bad_signature",
            vec![jwk(2, "k")],
        ),
        (
            "two keys of its name",
            "unknown_key",
            vec![jwk(1, "k"), jwk(2, "k"), jwk(3, "other")],
        ),
    ];
    for (what, expected, published) in cases {
        let mut gate = Gate::new(|_| {});
        let good = good();
        assert_eq!(gate.ask(&good), "passed");
        gate.publish(&published, NOW);
        for _ in 0..2 {
            assert_eq!(gate.ask(&good), expected, "{what}");
        }
        let kept = usize::from(expected == "passed");
        assert_eq!(gate.cache.entries(), kept, "{what}");
    }
}

#[test]
fn a_token_that_names_no_key_goes_when_there_are_two() {
    let mut gate = Gate::new(|_| {});
    let mut nameless = header();
    nameless.as_object_mut().unwrap().remove("kid");
    let token = sign(1, &nameless, &claims());
    assert_eq!(gate.ask(&token), "passed");
    gate.publish(&[jwk(1, "k"), jwk(2, "other")], NOW);
    assert_eq!(gate.ask(&token), "unknown_key");
}

#[test]
fn a_known_token_is_not_believed_when_its_issuers_keys_are_too_old() {
    let mut gate = Gate::new(|c| c["issuers"][0]["jwks"]["max_stale_seconds"] = json!(300));
    let token = token(|c| c["exp"] = json!(NOW + 10_000));
    // They were fetched a minute ago.
    assert_eq!(gate.ask_at(NOW + 240, "/data", &token), "passed");
    assert_eq!(gate.ask_at(NOW + 241, "/data", &token), "no_keys");
    assert_eq!(gate.cache.entries(), 0);
}

#[test]
fn switched_off_it_verifies_every_time() {
    let mut gate = Gate::new(|c| c["cache"] = json!({"max_entries": 0}));
    let good = good();
    for _ in 0..3 {
        assert_eq!(gate.ask(&good), "passed");
    }
    assert_eq!(gate.checked(), 3);
    assert_eq!(gate.cache.take_tally(), CacheTally::default());
}
