//! Wrong user codes (RFC 8628 §5.1).

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::allowance::{Allowance, Rate};
use super::recent::Recent;
use super::{RetryAfter, Source};
use crate::clock::UnixSeconds;

/// Sources that are remembered; about 1 MiB.
const MOST_REMEMBERED: usize = 8_192;

/// Wrong codes of one source.
const EACH: Rate = Rate {
    burst: 10,
    seconds_each: 60,
};

/// Wrong codes of all sources together. A code has 34 bits and lives for minutes: at this rate the
/// chance that all guesses of ten minutes hit a given one is below 2^-23 (RFC 8628 §5.1).
const ALL: Rate = Rate {
    burst: 1000,
    seconds_each: 1,
};

/// Counts wrong user codes per source, and of all sources.
pub struct UserCodeThrottle(Mutex<Counters>);

struct Counters {
    sources: Recent<Allowance>,
    all: Allowance,
}

impl Default for UserCodeThrottle {
    fn default() -> Self {
        Self(Mutex::new(Counters {
            sources: Recent::new(MOST_REMEMBERED),
            all: Allowance::default(),
        }))
    }
}

impl UserCodeThrottle {
    /// Whether a code may be tried. Counts it as wrong, so that many at once are no way around it;
    /// [`Self::right`] takes that back.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many wrong ones.
    pub fn take(&self, source: Source, now: UnixSeconds) -> Result<(), RetryAfter> {
        let mut counters = self.counters();
        let own = counters.sources.get(&source.key()).unwrap_or_default();
        own.check(EACH, now)?;
        counters.all.check(ALL, now)?;
        counters.all = counters.all.failed(ALL, now);
        counters.sources.put(source.key(), own.failed(EACH, now));
        Ok(())
    }

    /// The code was one of ours.
    pub fn right(&self, source: Source, now: UnixSeconds) {
        let mut counters = self.counters();
        let own = counters.sources.get(&source.key()).unwrap_or_default();
        counters.all = counters.all.taken_back(ALL, now);
        counters
            .sources
            .put(source.key(), own.taken_back(EACH, now));
    }

    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = 1_000_000;

    fn source(n: u32) -> Source {
        Source::browser(Some(std::net::Ipv4Addr::from(n).into()))
    }

    #[test]
    fn ten_wrong_codes_and_then_one_a_minute() {
        let throttle = UserCodeThrottle::default();
        for _ in 0..10 {
            assert_eq!(throttle.take(source(1), NOW), Ok(()));
        }
        assert_eq!(throttle.take(source(1), NOW), Err(RetryAfter(60)));
        assert_eq!(throttle.take(source(2), NOW), Ok(()));
        assert_eq!(throttle.take(source(1), NOW + 60), Ok(()));
        assert!(throttle.take(source(1), NOW + 60).is_err());
    }

    #[test]
    fn right_codes_cost_nothing() {
        let throttle = UserCodeThrottle::default();
        for _ in 0..100 {
            assert_eq!(throttle.take(source(1), NOW), Ok(()));
            throttle.right(source(1), NOW);
        }
    }

    #[test]
    fn many_sources_together_are_bounded_too() {
        let throttle = UserCodeThrottle::default();
        for n in 0..1000 {
            assert_eq!(throttle.take(source(n), NOW), Ok(()), "{n}");
        }
        assert_eq!(throttle.take(source(5000), NOW), Err(RetryAfter(1)));
    }
}
