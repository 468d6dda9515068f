use super::*;
use crate::keys::{KeyIdentity, KeySet};

fn cache(max_entries: usize, max_bytes: usize) -> TokenCache {
    let config = serde_json::json!({
        "issuers": [{
            "issuer": "https://i", "audiences": ["a"],
            "jwks": {"cluster": "c", "uri": "https://i/k"},
        }],
        "cache": {"max_entries": max_entries, "max_bytes": max_bytes},
    });
    let policy = Policy::from_json(config.to_string().as_bytes()).unwrap();
    TokenCache::new(&policy, RandomState::new())
}

fn key() -> Arc<KeyIdentity> {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let document = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}]}}"#);
    let (set, _) = KeySet::parse(document.as_bytes()).unwrap();
    Arc::clone(set.keys()[0].identity())
}

/// A token of `bytes` bytes, in whose middle the number is.
fn token(number: usize, bytes: usize) -> Arc<VerifiedToken> {
    let text = format!("{number:0>width$}{:=<16}", "", width = bytes - 16);
    Arc::new(VerifiedToken::stand_in(text.as_bytes(), key()))
}

fn has(cache: &TokenCache, token: &VerifiedToken) -> bool {
    cache.find(token.bytes()).is_some()
}

const PLENTY: usize = 1 << 20;

#[test]
fn the_token_that_was_not_used_for_the_longest_time_goes_first() {
    let mut cache = cache(3, PLENTY);
    let tokens: Vec<_> = (0..5).map(|number| token(number, 100)).collect();
    tokens[..3].iter().for_each(|token| cache.insert(token));
    let hit = cache.find(tokens[0].bytes()).unwrap();
    cache.used(&hit);
    tokens[3..].iter().for_each(|token| cache.insert(token));
    let present: Vec<bool> = tokens.iter().map(|token| has(&cache, token)).collect();
    assert_eq!(present, [true, false, false, true, true]);
    let expected = CacheTally {
        hits: 1,
        misses: 0,
        evictions: 2,
    };
    assert_eq!((cache.take_tally(), cache.entries()), (expected, 3));
    assert_eq!(cache.take_tally(), CacheTally::default());
}

#[test]
fn a_long_token_makes_as_many_short_ones_go_as_it_needs() {
    let bytes = token(0, 4096).memory_bytes();
    let mut cache = cache(1000, 16 * bytes);
    for number in 0..16 {
        cache.insert(&token(number, 4096));
    }
    assert_eq!((cache.entries(), cache.bytes), (16, 16 * bytes));
    cache.insert(&token(16, 2 * 4096));
    assert_eq!(cache.entries(), 15);
    assert!(!has(&cache, &token(1, 4096)) && has(&cache, &token(2, 4096)));
    assert!(cache.bytes <= 16 * bytes);
    // What would not fit into an empty cache drives nothing out.
    let endless = vec![b'x'; 16 * bytes];
    cache.insert(&Arc::new(VerifiedToken::stand_in(&endless, key())));
    assert_eq!(cache.entries(), 15);
}

#[test]
fn the_same_token_is_in_it_once() {
    let mut cache = cache(10, PLENTY);
    let bytes = token(1, 100).memory_bytes();
    cache.insert(&token(1, 100));
    cache.insert(&token(1, 100));
    assert_eq!((cache.entries(), cache.bytes), (1, bytes));
    let hit = cache.find(token(1, 100).bytes()).unwrap();
    cache.drop_entry(&hit);
    cache.drop_entry(&hit);
    assert_eq!((cache.entries(), cache.bytes), (0, 0));
}

#[test]
fn a_cache_without_entries_keeps_and_counts_nothing() {
    let mut cache = cache(0, PLENTY);
    cache.insert(&token(1, 100));
    cache.missed();
    assert!(!has(&cache, &token(1, 100)));
    assert_eq!(cache.take_tally(), CacheTally::default());
}

#[test]
fn tokens_that_differ_in_one_byte_are_two_whichever_it_is() {
    let mut cache = cache(10, PLENTY);
    // Not a multiple of the eight bytes that are compared at once.
    let known = token(1, 803);
    cache.insert(&known);
    for position in 0..known.bytes().len() {
        let mut other = known.bytes().to_vec();
        other[position] ^= 1;
        assert!(cache.find(&other).is_none(), "{position}");
    }
    let (shorter, longer) = (&known.bytes()[1..], [known.bytes(), b"="].concat());
    assert!(cache.find(shorter).is_none() && cache.find(&longer).is_none());
    assert!(has(&cache, &known));
}

#[test]
fn tokens_with_the_same_tail_are_told_apart() {
    let mut cache = cache(100, PLENTY);
    let tokens: Vec<_> = (0..50)
        .map(|number| {
            let text = format!("{number:0>40}{:x<80}", "");
            Arc::new(VerifiedToken::stand_in(text.as_bytes(), key()))
        })
        .collect();
    tokens.iter().for_each(|token| cache.insert(token));
    for token in &tokens {
        let hit = cache.find(token.bytes()).unwrap();
        assert!(Arc::ptr_eq(&hit.verified, token));
    }
}

#[test]
fn a_flood_of_tokens_takes_no_more_room_than_the_bounds_say() {
    let limit = PLENTY / 8;
    let mut cache = cache(10_000, limit);
    let key = key();
    let mut text = vec![b'x'; 1600];
    for number in 0..100_000_usize {
        let (number_at, bytes) = (number % 1000 + 592, number % 1000 + 600);
        text[number_at..bytes].copy_from_slice(&number.to_le_bytes());
        let token = &text[..bytes];
        cache.insert(&Arc::new(VerifiedToken::stand_in(token, Arc::clone(&key))));
        assert!(cache.bytes <= limit && cache.entries() <= 10_000);
    }
    assert!(cache.bytes > limit - 2000);
    assert_eq!(
        cache.take_tally().evictions,
        100_000 - cache.entries() as u64
    );
}
