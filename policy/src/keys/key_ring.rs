//! The key sets of all configured issuers.

use super::jwks::KeySet;
use super::schedule::FetchSchedule;
use crate::UnixSeconds;
use crate::config::Policy;

/// What is known of each issuer's keys, and when to ask again.
#[derive(Debug)]
pub struct KeyRing {
    issuers: Vec<IssuerKeys>,
}

#[derive(Debug)]
struct IssuerKeys {
    current: Option<(KeySet, UnixSeconds)>,
    schedule: FetchSchedule,
    max_stale_seconds: u64,
}

impl KeyRing {
    /// A ring without keys, due for a first fetch of each issuer's.
    pub fn new(policy: &Policy) -> Self {
        let issuers = policy.issuers().iter().map(|issuer| IssuerKeys {
            current: None,
            schedule: FetchSchedule::new(issuer.jwks.refresh_seconds),
            max_stale_seconds: issuer.jwks.max_stale_seconds,
        });
        Self {
            issuers: issuers.collect(),
        }
    }

    /// The keys of the issuer at `position`, unless there are none yet or the last good fetch is
    /// longer ago than `max_stale_seconds`.
    pub(crate) fn usable(&self, position: usize, now: UnixSeconds) -> Option<&KeySet> {
        let issuer = self.issuers.get(position)?;
        let (keys, fetched_at) = issuer.current.as_ref()?;
        (now <= fetched_at.saturating_add(issuer.max_stale_seconds)).then_some(keys)
    }

    /// Whether every issuer's keys are usable.
    pub fn is_complete(&self, now: UnixSeconds) -> bool {
        (0..self.issuers.len()).all(|position| self.usable(position, now).is_some())
    }

    /// The issuers whose keys should be fetched now; each counts as being fetched from here on.
    pub fn take_due(&mut self, now: UnixSeconds) -> Vec<usize> {
        let due = self
            .issuers
            .iter_mut()
            .enumerate()
            .filter_map(|(position, issuer)| issuer.schedule.take_due(now).then_some(position));
        due.collect()
    }

    /// A fetch brought good keys, which replace the old ones at once.
    pub fn fetched(&mut self, position: usize, keys: KeySet, now: UnixSeconds) {
        if let Some(issuer) = self.issuers.get_mut(position) {
            issuer.current = Some((keys, now));
            issuer.schedule.succeeded(now);
        }
    }

    /// A fetch brought nothing of use; the old keys stay.
    pub fn fetch_failed(&mut self, position: usize, now: UnixSeconds) {
        if let Some(issuer) = self.issuers.get_mut(position) {
            issuer.schedule.failed(now);
        }
    }

    /// A token named a key that the issuer does not have: it may have a new one.
    pub fn unknown_key_seen(&mut self, position: usize, now: UnixSeconds) {
        if let Some(issuer) = self.issuers.get_mut(position) {
            issuer.schedule.wanted(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ring() -> KeyRing {
        let issuer = |name: &str| {
            json!({
                "issuer": name, "audiences": ["a"],
                "jwks": {"cluster": "c", "uri": "https://i/k", "refresh_seconds": 60, "max_stale_seconds": 100},
            })
        };
        let config = json!({"issuers": [issuer("https://a"), issuer("https://b")]});
        KeyRing::new(&Policy::from_json(config.to_string().as_bytes()).unwrap())
    }

    fn keys() -> KeySet {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let document = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x}]});
        KeySet::parse(document.to_string().as_bytes()).unwrap().0
    }

    #[test]
    fn each_issuer_is_fetched_by_itself() {
        let mut ring = ring();
        assert_eq!(ring.take_due(0), [0, 1]);
        assert!(ring.take_due(0).is_empty());
        ring.fetched(0, keys(), 0);
        ring.fetch_failed(1, 0);
        assert_eq!(ring.take_due(1), [1], "a failure is tried again soon");
        assert_eq!(ring.take_due(60), [0], "a success is refreshed later");
    }

    #[test]
    fn the_ring_is_complete_while_every_issuer_has_usable_keys() {
        let mut ring = ring();
        assert!(!ring.is_complete(0));
        ring.fetched(0, keys(), 0);
        assert!(!ring.is_complete(0));
        ring.fetched(1, keys(), 10);
        assert!(ring.is_complete(100));
        assert!(
            !ring.is_complete(101),
            "the first issuer's keys are too old"
        );
        assert!(ring.usable(2, 0).is_none());
    }

    #[test]
    fn an_unknown_key_brings_its_issuers_fetch_forward() {
        let mut ring = ring();
        ring.take_due(0);
        ring.fetched(0, keys(), 0);
        ring.fetched(1, keys(), 0);
        ring.unknown_key_seen(1, 5);
        assert_eq!(ring.take_due(5), [1]);
    }
}
