//! The key sets of all configured issuers, as one VM knows them.

use std::sync::Arc;

use super::jwks::KeySet;
use crate::UnixSeconds;
use crate::config::{JwksSource, Policy};

/// What this VM knows of each issuer's keys.
#[derive(Debug)]
pub struct KeyRing {
    issuers: Vec<IssuerKeys>,
    /// What the clock showed last.
    clock: UnixSeconds,
}

#[derive(Debug)]
struct IssuerKeys {
    current: Option<Current>,
    /// `None` for keys that stand in the configuration.
    max_stale_seconds: Option<u64>,
    /// Which document of the slot was last acted upon.
    seen_document: Option<u64>,
    /// When a token last named a key that is not there, until that was passed on.
    wish: Option<UnixSeconds>,
}

#[derive(Debug)]
struct Current {
    keys: Arc<KeySet>,
    fetched_at: UnixSeconds,
}

impl KeyRing {
    /// A ring with the keys that stand in the configuration and no others.
    pub fn new(policy: &Policy) -> Self {
        let issuers = policy.issuers().iter().map(|issuer| {
            let (keys, max_stale_seconds) = match &issuer.jwks {
                JwksSource::Inline(keys) => (Some(Arc::clone(keys)), None),
                JwksSource::Remote(source) => (None, Some(source.max_stale_seconds)),
            };
            let current = keys.map(|keys| Current {
                keys,
                fetched_at: 0,
            });
            IssuerKeys {
                current,
                max_stale_seconds,
                seen_document: None,
                wish: None,
            }
        });
        Self {
            issuers: issuers.collect(),
            clock: 0,
        }
    }

    /// Tells what the clock shows. One that was put back makes no key younger: as long as they were
    /// old before, they are now, so that `max_stale_seconds` ends when it would have ended.
    pub fn clock_shows(&mut self, now: UnixSeconds) {
        let put_back_by = self.clock.saturating_sub(now);
        self.clock = now;
        if put_back_by > 0 {
            let current = self.issuers.iter_mut();
            for current in current.filter_map(|issuer| issuer.current.as_mut()) {
                current.fetched_at = current.fetched_at.saturating_sub(put_back_by);
            }
        }
    }

    /// The keys of the issuer at `position`, unless there are none yet or the last good fetch is
    /// longer ago than `max_stale_seconds`.
    pub(crate) fn usable(&self, position: usize, now: UnixSeconds) -> Option<&KeySet> {
        let issuer = self.issuers.get(position)?;
        let current = issuer.current.as_ref()?;
        let fresh = issuer
            .max_stale_seconds
            .is_none_or(|seconds| now <= current.fetched_at.saturating_add(seconds));
        fresh.then_some(&*current.keys)
    }

    /// Whether every issuer's keys are usable.
    pub fn is_complete(&self, now: UnixSeconds) -> bool {
        (0..self.issuers.len()).all(|position| self.usable(position, now).is_some())
    }

    /// How long ago, in seconds, the oldest of the fetched sets was fetched; `None` while there is
    /// none.
    pub fn age(&self, now: UnixSeconds) -> Option<u64> {
        let fetched = self
            .issuers
            .iter()
            .filter(|issuer| issuer.max_stale_seconds.is_some())
            .filter_map(|issuer| issuer.current.as_ref());
        fetched
            .map(|current| now.saturating_sub(current.fetched_at))
            .max()
    }

    /// Whether the slot of the issuer at `position` has another document than when it was last
    /// asked.
    pub fn take_news(&mut self, position: usize, document: Option<u64>) -> bool {
        self.issuers.get_mut(position).is_some_and(|issuer| {
            let news = document.is_some() && document != issuer.seen_document;
            issuer.seen_document = document;
            news
        })
    }

    /// A fetch brought good keys at `fetched_at`, which replace the old ones at once. If they are
    /// the same, the set stays the very same object.
    ///
    /// `now` is what the clock shows: the ring must know before it has keys of that time, since a
    /// clock that was put back would else make them older as soon as the ring learns of it.
    pub fn fetched(
        &mut self,
        position: usize,
        keys: KeySet,
        fetched_at: UnixSeconds,
        now: UnixSeconds,
    ) {
        self.clock_shows(now);
        if let Some(issuer) = self.issuers.get_mut(position) {
            let keys = match issuer.current.take() {
                Some(current) if current.keys.is_same(&keys) => current.keys,
                _ => Arc::new(keys),
            };
            issuer.current = Some(Current { keys, fetched_at });
        }
    }

    /// A token named a key that the issuer does not have: it may have a new one.
    pub fn unknown_key_seen(&mut self, position: usize, now: UnixSeconds) {
        if let Some(issuer) = self.issuers.get_mut(position) {
            issuer.wish = Some(now);
        }
    }

    /// When that last was, unless it was asked since.
    pub fn take_wish(&mut self, position: usize) -> Option<UnixSeconds> {
        self.issuers.get_mut(position)?.wish.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn ring_of(sources: [Value; 2]) -> KeyRing {
        let [a, b] = sources;
        let config = json!({"issuers": [
            {"issuer": "https://a", "audiences": ["a"], "jwks": a},
            {"issuer": "https://b", "audiences": ["a"], "jwks": b},
        ]});
        KeyRing::new(&Policy::from_json(config.to_string().as_bytes()).unwrap())
    }

    fn remote() -> Value {
        json!({"cluster": "c", "uri": "https://i/k", "refresh_seconds": 60, "max_stale_seconds": 100})
    }

    fn ring() -> KeyRing {
        ring_of([remote(), remote()])
    }

    fn document(kid: &str) -> Value {
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": X}]})
    }

    fn keys(kid: &str) -> KeySet {
        KeySet::parse(document(kid).to_string().as_bytes())
            .unwrap()
            .0
    }

    #[test]
    fn the_ring_is_complete_while_every_issuer_has_usable_keys() {
        let mut ring = ring();
        assert!(!ring.is_complete(0));
        ring.fetched(0, keys("a"), 0, 0);
        assert!(!ring.is_complete(0));
        ring.fetched(1, keys("a"), 10, 10);
        assert!(ring.is_complete(100));
        assert!(!ring.is_complete(101), "the first are too old");
        assert!(ring.usable(2, 0).is_none());
        assert_eq!(ring.age(40), Some(40), "of the oldest");
    }

    #[test]
    fn inline_keys_are_there_at_once_and_for_ever() {
        let mut ring = ring_of([json!({"inline": document("a")}), remote()]);
        assert!(ring.usable(0, u64::MAX).is_some());
        assert_eq!(ring.age(40), None, "they have no age");
        ring.fetched(1, keys("a"), 30, 30);
        assert_eq!(ring.age(40), Some(10));
    }

    #[test]
    fn a_document_is_news_once() {
        let mut ring = ring();
        assert!(!ring.take_news(0, None), "there is none");
        assert!(ring.take_news(0, Some(7)));
        assert!(!ring.take_news(0, Some(7)));
        assert!(ring.take_news(1, Some(7)), "each issuer has its own");
        assert!(ring.take_news(0, Some(3)));
        assert!(!ring.take_news(0, None), "the slot was begun anew");
        assert!(ring.take_news(0, Some(3)));
        assert!(!ring.take_news(2, Some(7)));
    }

    #[test]
    fn keys_are_as_old_as_before_when_the_clock_is_put_back() {
        let mut ring = ring();
        ring.fetched(0, keys("a"), 10_000, 10_000);
        ring.clock_shows(10_060);
        ring.clock_shows(6_460);
        assert!(ring.usable(0, 6_500).is_some());
        assert!(ring.usable(0, 6_501).is_none(), "after 101 seconds in all");
        assert_eq!(ring.age(6_460), Some(60));
        ring.clock_shows(10_060);
        assert!(ring.usable(0, 10_060).is_none(), "and put right again");
    }

    #[test]
    fn keys_that_come_while_the_clock_is_put_back_are_as_old_as_they_are() {
        let mut ring = ring();
        ring.clock_shows(10_000);
        ring.fetched(1, keys("a"), 10_000, 10_000);
        ring.fetched(0, keys("a"), 6_460, 6_460);
        ring.clock_shows(6_460);
        assert!(ring.usable(0, 6_560).is_some());
        assert_eq!(ring.age(6_470), Some(10));
        assert!(ring.is_complete(6_560) && !ring.is_complete(6_561));
    }

    #[test]
    fn the_same_keys_stay_the_same_object() {
        let mut ring = ring();
        let at = |ring: &KeyRing| std::ptr::from_ref(ring.usable(0, 100).unwrap()).addr();
        ring.fetched(0, keys("a"), 0, 0);
        let before = at(&ring);
        ring.fetched(0, keys("a"), 50, 50);
        assert_eq!((at(&ring), ring.age(60)), (before, Some(10)));
        ring.fetched(0, keys("b"), 50, 50);
        let now_named = ring.usable(0, 100).unwrap().keys()[0].key_id().cloned();
        assert_eq!(now_named.unwrap().as_str(), "b");
    }

    #[test]
    fn a_wish_is_passed_on_once() {
        let mut ring = ring();
        ring.unknown_key_seen(1, 5);
        ring.unknown_key_seen(1, 6);
        ring.unknown_key_seen(9, 6);
        assert_eq!(ring.take_wish(0), None);
        assert_eq!(ring.take_wish(1), Some(6));
        assert_eq!(ring.take_wish(1), None);
    }
}
