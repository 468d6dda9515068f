//! Events that anybody can bring about as often as they like, such as wrong passwords: of those that
//! are alike the first is put on record at once, and the others of the next minute together.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::clock::UnixSeconds;

/// How long the like are counted together, in seconds.
const WINDOW: UnixSeconds = 60;

/// How many different ones are told apart at once; further ones are told apart by their event alone.
/// At most two records a minute come of each.
const MOST: usize = 1024;

/// What makes two attempts alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Kind {
    event: &'static str,
    told_apart: Option<(Option<IpAddr>, Option<String>, Option<String>)>,
}

struct Window<T> {
    since: UnixSeconds,
    /// How many there were after the first.
    more: u64,
    latest: T,
}

/// What was counted and is not on record yet; `T` is what a record is made from.
pub(crate) struct Attempts<T>(HashMap<Kind, Window<T>>);

impl<T> Default for Attempts<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

/// What to put on record, and for how many attempts it stands.
pub(crate) struct Counted<T> {
    pub(crate) record: T,
    pub(crate) count: u64,
}

impl<T> Attempts<T> {
    /// Counts an attempt: it is given back when it is to be put on record now. What sets it apart is
    /// where it came from, the subject and the client.
    pub(crate) fn count(
        &mut self,
        event: &'static str,
        from: (Option<IpAddr>, Option<String>, Option<String>),
        record: T,
        now: UnixSeconds,
    ) -> Option<Counted<T>>
    where
        T: Clone,
    {
        let mut kind = Kind {
            event,
            told_apart: Some(from),
        };
        if self.0.len() >= MOST && !self.0.contains_key(&kind) {
            kind.told_apart = None;
        }
        if let Some(window) = self.0.get_mut(&kind) {
            window.more = window.more.saturating_add(1);
            window.latest = record;
            return None;
        }
        let window = Window {
            since: now,
            more: 0,
            latest: record.clone(),
        };
        self.0.insert(kind, window);
        Some(Counted { record, count: 1 })
    }

    /// Takes out what was counted for long enough at `now`.
    pub(crate) fn over(&mut self, now: UnixSeconds) -> Vec<Counted<T>> {
        // A clock that was set back must not keep a window open for longer than one.
        self.take(|since| now >= since.saturating_add(WINDOW) || now < since)
    }

    /// Takes out everything.
    pub(crate) fn all(&mut self) -> Vec<Counted<T>> {
        self.take(|_| true)
    }

    fn take(&mut self, is_over: impl Fn(UnixSeconds) -> bool) -> Vec<Counted<T>> {
        self.0
            .extract_if(|_, window| is_over(window.since))
            .filter(|(_, window)| window.more > 0)
            .map(|(_, window)| Counted {
                record: window.latest,
                count: window.more,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = 1_000_000;

    fn count(attempts: &mut Attempts<u64>, subject: &str, number: u64, now: u64) -> Option<u64> {
        let from = (None, Some(subject.to_owned()), None);
        let counted = attempts.count("login_failed", from, number, now);
        counted.map(|counted| counted.count)
    }

    #[test]
    fn the_first_is_recorded_at_once_and_the_others_together() {
        let mut attempts = Attempts::default();
        assert_eq!(count(&mut attempts, "alice", 1, NOW), Some(1));
        for n in 2..=10 {
            assert_eq!(count(&mut attempts, "alice", n, NOW + n), None);
        }
        assert_eq!(count(&mut attempts, "bob", 11, NOW + 11), Some(1));
        assert!(attempts.over(NOW + WINDOW - 1).is_empty());
        let over = attempts.over(NOW + WINDOW);
        let over: Vec<_> = over.iter().map(|one| (one.record, one.count)).collect();
        assert_eq!(over, [(10, 9)]);
        assert_eq!(count(&mut attempts, "alice", 12, NOW + WINDOW), Some(1));
    }

    #[test]
    fn a_flood_takes_bounded_room_and_none_is_lost_of_the_count() {
        let mut attempts = Attempts::default();
        let mut recorded = 0;
        for n in 0..10_000 {
            recorded += count(&mut attempts, &format!("user{n}"), n, NOW).unwrap_or(0);
        }
        assert_eq!(attempts.0.len(), MOST + 1);
        assert_eq!(recorded, u64::try_from(MOST).unwrap() + 1);
        let rest: u64 = attempts.all().iter().map(|one| one.count).sum();
        assert_eq!(recorded + rest, 10_000);
        assert!(attempts.0.is_empty());
    }

    #[test]
    fn a_clock_that_is_set_back_ends_the_minute() {
        let mut attempts = Attempts::default();
        count(&mut attempts, "alice", 1, NOW);
        count(&mut attempts, "alice", 2, NOW);
        assert_eq!(attempts.over(NOW - 3600).len(), 1);
    }
}
