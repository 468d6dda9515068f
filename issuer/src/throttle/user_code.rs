//! Wrong user codes (RFC 8628 §5.1).

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::allowance::{Allowance, Rate};
use super::lasting::{Book, Change};
use super::recent::Recent;
use super::source::named;
use super::{ALL_TOGETHER, Key, RetryAfter, Source};
use crate::clock::UnixSeconds;
use crate::metrics::{Limit, Throttled};
use crate::store::StoredCounter;

const WHAT: Throttled = Throttled::UserCode;

/// Accounts and addresses that are remembered, each; together about 2 MiB.
pub(super) const MOST_REMEMBERED: usize = 8_192;

/// Wrong codes of one account: whoever types codes has logged in.
pub(super) const ACCOUNT: Rate = Rate {
    burst: 10,
    seconds_each: 60,
};

/// Wrong codes from one address.
pub(super) const SOURCE: Rate = Rate {
    burst: 100,
    seconds_each: 10,
};

/// All wrong codes. A code has 34 bits and lives for minutes: at this rate the chance that all
/// guesses of ten minutes hit a given one is below 2^-23 (RFC 8628 §5.1).
pub(super) const OVERALL: Rate = Rate {
    burst: 1000,
    seconds_each: 1,
};

/// Counts wrong user codes per account, per address, and all of them.
///
/// Where an address or everybody together had too many, those accounts wait that had a wrong one
/// themselves: whoever has not is let try, whatever others do.
pub struct UserCodeThrottle(Mutex<Counters>);

struct Counters {
    accounts: Recent<Allowance>,
    sources: Recent<Allowance>,
    overall: Recent<Allowance>,
}

impl Default for UserCodeThrottle {
    fn default() -> Self {
        Self(Mutex::new(Counters {
            accounts: Recent::new(Book::UserCodeAccounts, MOST_REMEMBERED),
            sources: Recent::new(Book::UserCodeSources, MOST_REMEMBERED),
            overall: Recent::new(Book::UserCodesOverall, 1),
        }))
    }
}

impl UserCodeThrottle {
    /// Whether a code may be tried by who is logged in as `subject`. Counts it as wrong, so that
    /// many at once are no way around it; [`Self::right`] takes that back.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many wrong ones.
    pub fn take(&self, subject: &str, source: Source, now: UnixSeconds) -> Result<(), RetryAfter> {
        let mut counters = self.counters();
        let account = named(subject);
        let own = counters.accounts.get(&account).unwrap_or_default();
        own.check(ACCOUNT, now).map_err(WHAT.by(Limit::Account))?;
        if !own.is_whole(now) {
            let all = counters.sources.get(&source.key()).unwrap_or_default();
            all.check(SOURCE, now).map_err(WHAT.by(Limit::Address))?;
            let overall = counters.overall.get(&ALL_TOGETHER).unwrap_or_default();
            overall
                .check(OVERALL, now)
                .map_err(WHAT.by(Limit::Overall))?;
        }
        counters.accounts.fail(account, ACCOUNT, now);
        counters.sources.fail(source.key(), SOURCE, now);
        counters.overall.fail(ALL_TOGETHER, OVERALL, now);
        Ok(())
    }

    /// The code was one of ours.
    pub fn right(&self, subject: &str, source: Source, now: UnixSeconds) {
        let mut counters = self.counters();
        counters.accounts.take_back(named(subject), ACCOUNT, now);
        counters.sources.take_back(source.key(), SOURCE, now);
        counters.overall.take_back(ALL_TOGETHER, OVERALL, now);
    }

    pub(super) fn take_changes(&self, changes: &mut Vec<Change>) {
        let mut counters = self.counters();
        counters.accounts.take_changes(changes);
        counters.sources.take_changes(changes);
        counters.overall.take_changes(changes);
    }

    pub(super) fn restore(&self, book: Book, key: Key, stored: &StoredCounter) {
        let mut counters = self.counters();
        counters.accounts.restore(book, key, stored);
        counters.sources.restore(book, key, stored);
        counters.overall.restore(book, key, stored);
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
        for n in 0..10 {
            assert_eq!(throttle.take("alice", source(n), NOW), Ok(()));
        }
        assert_eq!(throttle.take("alice", source(1), NOW), Err(RetryAfter(60)));
        assert_eq!(throttle.take("bob", source(1), NOW), Ok(()));
        assert_eq!(throttle.take("alice", source(1), NOW + 60), Ok(()));
        assert!(throttle.take("alice", source(1), NOW + 60).is_err());
    }

    #[test]
    fn right_codes_cost_nothing() {
        let throttle = UserCodeThrottle::default();
        for _ in 0..100 {
            assert_eq!(throttle.take("alice", source(1), NOW), Ok(()));
            throttle.right("alice", source(1), NOW);
        }
    }

    #[test]
    fn whoever_had_no_wrong_code_pays_for_nobody_elses() {
        let throttle = UserCodeThrottle::default();
        for n in 0..1000 {
            let account = format!("user{n}");
            assert_eq!(throttle.take(&account, source(n / 100), NOW), Ok(()), "{n}");
        }
        // The address and everybody together have used up what they have.
        assert_eq!(throttle.take("user1", source(0), NOW), Err(RetryAfter(10)));
        assert_eq!(throttle.take("user1", source(99), NOW), Err(RetryAfter(1)));
        assert_eq!(throttle.take("alice", source(0), NOW), Ok(()));
        assert!(throttle.take("alice", source(0), NOW).is_err());
    }
}
