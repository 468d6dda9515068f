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

/// A code that is being tried, with what it took: each counter gives so much back, and no more, if the
/// code was right. Otherwise right codes of one's own would pay for wrong ones.
#[derive(Debug, PartialEq, Eq)]
pub struct Guess {
    account: Used,
    source: Used,
    overall: u64,
}

#[derive(Debug, PartialEq, Eq)]
struct Used {
    key: Key,
    seconds: u64,
}

impl UserCodeThrottle {
    /// Whether a code may be tried by who is logged in as `subject`. Counts it as wrong, so that
    /// many at once are no way around it; [`Self::give_back`] undoes that.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many wrong ones.
    pub fn take(
        &self,
        subject: &str,
        source: Source,
        now: UnixSeconds,
    ) -> Result<Guess, RetryAfter> {
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
        let used = |counter: &mut Recent<Allowance>, key, rate| Used {
            key,
            seconds: counter.take(key, rate, now),
        };
        let Counters {
            accounts,
            sources,
            overall,
        } = &mut *counters;
        Ok(Guess {
            account: used(accounts, account, ACCOUNT),
            source: used(sources, source.key(), SOURCE),
            overall: overall.take(ALL_TOGETHER, OVERALL, now),
        })
    }

    /// The code was one of ours, or nothing was told of it.
    pub fn give_back(&self, guess: Guess, now: UnixSeconds) {
        let Guess {
            account,
            source,
            overall,
        } = guess;
        let mut counters = self.counters();
        let accounts = &mut counters.accounts;
        accounts.give_back(account.key, account.seconds, ACCOUNT, now);
        let sources = &mut counters.sources;
        sources.give_back(source.key, source.seconds, SOURCE, now);
        let all = &mut counters.overall;
        all.give_back(ALL_TOGETHER, overall, OVERALL, now);
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

    /// A wrong code.
    fn wrong(
        throttle: &UserCodeThrottle,
        subject: &str,
        source: Source,
        now: UnixSeconds,
    ) -> Result<(), RetryAfter> {
        throttle.take(subject, source, now).map(drop)
    }

    /// A right one.
    fn right(throttle: &UserCodeThrottle, subject: &str, source: Source, now: UnixSeconds) {
        let guess = throttle.take(subject, source, now).unwrap();
        throttle.give_back(guess, now);
    }

    /// How far an address and everybody together have used up what they have.
    fn shared(throttle: &UserCodeThrottle, source: Source) -> [Allowance; 2] {
        let counters = throttle.counters();
        let source = counters.sources.get(&source.key());
        let overall = counters.overall.get(&ALL_TOGETHER);
        [source, overall].map(Option::unwrap_or_default)
    }

    #[test]
    fn ten_wrong_codes_and_then_one_a_minute() {
        let throttle = UserCodeThrottle::default();
        for n in 0..10 {
            assert_eq!(wrong(&throttle, "alice", source(n), NOW), Ok(()));
        }
        let tried = |subject, now| wrong(&throttle, subject, source(1), now);
        assert_eq!(tried("alice", NOW), Err(RetryAfter(60)));
        assert_eq!(tried("bob", NOW), Ok(()));
        assert_eq!(tried("alice", NOW + 60), Ok(()));
        assert!(tried("alice", NOW + 60).is_err());
    }

    #[test]
    fn right_codes_cost_nothing_and_leave_nothing_to_remember() {
        let throttle = UserCodeThrottle::default();
        for n in 0..2000 {
            right(&throttle, "alice", source(n % 3), NOW);
            right(&throttle, &format!("user{n}"), source(1), NOW);
        }
        assert_eq!(shared(&throttle, source(1)), [Allowance::default(); 2]);
        let mut changes = Vec::new();
        throttle.take_changes(&mut changes);
        assert!(changes.is_empty(), "{changes:?}");
    }

    /// An address that has used up what it has, as everybody together have.
    fn used_up() -> UserCodeThrottle {
        let throttle = UserCodeThrottle::default();
        for n in 0..1000 {
            let account = format!("user{n}");
            assert_eq!(
                wrong(&throttle, &account, source(n / 100), NOW),
                Ok(()),
                "{n}"
            );
        }
        throttle
    }

    #[test]
    fn whoever_had_no_wrong_code_pays_for_nobody_elses() {
        let throttle = used_up();
        let tried = |subject, n| wrong(&throttle, subject, source(n), NOW);
        assert_eq!(tried("user1", 0), Err(RetryAfter(10)));
        assert_eq!(tried("user1", 99), Err(RetryAfter(1)));
        assert_eq!(tried("alice", 0), Ok(()));
        assert!(tried("alice", 0).is_err());
    }

    #[test]
    fn right_codes_pay_for_no_wrong_ones_and_keep_nobody_waiting() {
        let throttle = used_up();
        let before = shared(&throttle, source(0));
        // Between two that grow back, and when nothing has: whoever has codes of their own has many.
        for now in [NOW, NOW + 4] {
            for n in 0..500 {
                right(&throttle, &format!("owner{n}"), source(0), now);
            }
            right(&throttle, "owner", source(0), now);
            assert_eq!(shared(&throttle, source(0)), before, "{now}");
        }
        let tried = |now| wrong(&throttle, "user1", source(0), now);
        assert_eq!(tried(NOW + 4), Err(RetryAfter(6)));
        assert_eq!(tried(NOW + 10), Ok(()));
    }
}
