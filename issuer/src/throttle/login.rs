//! Wrong passwords.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::allowance::{Allowance, Rate};
use super::lasting::{Book, Change};
use super::recent::Recent;
use super::source::named;
use super::streak::{PRESSED, Pace, Streak, USUAL};
use super::{ALL_TOGETHER, Key, RetryAfter, Source};
use crate::clock::UnixSeconds;
use crate::metrics::{Limit, Throttled};
use crate::store::StoredCounter;

const WHAT: Throttled = Throttled::Password;

/// Pairs of account and source, sources, and accounts that are remembered, each; together about
/// 8 MiB.
pub(super) const MOST_REMEMBERED: usize = 16_384;

/// Wrong passwords of one address, for whatever accounts: room for an office behind one address.
pub(super) const BROWSERS: Rate = Rate {
    burst: 100,
    seconds_each: 10,
};

/// Wrong passwords that one client passes on: it speaks for all of its users.
pub(super) const CLIENTS: Rate = Rate {
    burst: 1000,
    seconds_each: 1,
};

/// Wrong passwords for one account from everywhere, until unknown browsers have to go slower.
pub(super) const ACCOUNT: Rate = Rate {
    burst: 100,
    seconds_each: 600,
};

/// All wrong passwords, until unknown browsers have to go slower: what a million logins a day have
/// of themselves.
pub(super) const OVERALL: Rate = Rate {
    burst: 10_000,
    seconds_each: 1,
};

/// Counts wrong passwords per account and source, per source, per account, and all of them.
///
/// An account is never locked. A source that failed has to wait, and nobody else: where the account
/// or the server is under attack from many sources at once, each of them has to wait for longer, yet
/// the first attempt of each is made. A browser that has logged in to the account before is counted
/// by itself, whatever others do at its address or elsewhere.
pub struct LoginThrottle(Mutex<Counters>);

struct Counters {
    pairs: Recent<Streak>,
    sources: Recent<Allowance>,
    accounts: Recent<Allowance>,
    overall: Recent<Allowance>,
}

impl Default for LoginThrottle {
    fn default() -> Self {
        Self(Mutex::new(Counters {
            pairs: Recent::new(Book::LoginPairs, MOST_REMEMBERED),
            sources: Recent::new(Book::LoginSources, MOST_REMEMBERED),
            accounts: Recent::new(Book::LoginAccounts, MOST_REMEMBERED),
            overall: Recent::new(Book::LoginsOverall, 1),
        }))
    }
}

impl LoginThrottle {
    /// Whether a password for `account` may be tried from `source`. Say afterwards how it went.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many wrong ones.
    pub fn check(&self, account: &str, source: Source, now: UnixSeconds) -> Result<(), RetryAfter> {
        let counters = self.counters();
        let pair = counters
            .pairs
            .get(&source.with(account))
            .unwrap_or_default();
        let (pace, pressed_by) = counters.pace(account, source, now);
        pair.check(pace, now).map_err(|error| {
            let alone = pair.check(USUAL, now).is_err();
            let limit = if alone { Limit::Account } else { pressed_by };
            WHAT.by(limit)(error)
        })?;
        match rate(source) {
            None => Ok(()),
            Some(rate) => {
                let all = counters.sources.get(&source.key());
                let checked = all.unwrap_or_default().check(rate, now);
                checked.map_err(WHAT.by(Limit::Address))
            }
        }
    }

    /// The password was wrong, or there is no such account.
    pub fn failed(&self, account: &str, source: Source, now: UnixSeconds) {
        let mut counters = self.counters();
        let key = source.with(account);
        let streak = counters.pairs.get(&key).unwrap_or_default();
        counters.pairs.put(key, streak.failed(now));
        if let Some(rate) = rate(source) {
            counters.sources.fail(source.key(), rate, now);
            counters.accounts.fail(named(account), ACCOUNT, now);
            counters.overall.fail(ALL_TOGETHER, OVERALL, now);
        }
    }

    /// The password was right. What the source has failed at elsewhere still counts: whoever has an
    /// account of their own gets no more guesses at others by it.
    pub fn succeeded(&self, account: &str, source: Source) {
        self.counters().pairs.remove(&source.with(account));
    }

    pub(super) fn take_changes(&self, changes: &mut Vec<Change>) {
        let mut counters = self.counters();
        counters.pairs.take_changes(changes);
        counters.sources.take_changes(changes);
        counters.accounts.take_changes(changes);
        counters.overall.take_changes(changes);
    }

    pub(super) fn restore(&self, book: Book, key: Key, stored: &StoredCounter) {
        let mut counters = self.counters();
        counters.pairs.restore(book, key, stored);
        counters.sources.restore(book, key, stored);
        counters.accounts.restore(book, key, stored);
        counters.overall.restore(book, key, stored);
    }

    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counters {
    /// How fast the source may go, and what makes it go slower if anything does.
    fn pace(&self, account: &str, source: Source, now: UnixSeconds) -> (Pace, Limit) {
        let Source::Browser(_) = source else {
            return (USUAL, Limit::Account);
        };
        let account = self.accounts.get(&named(account)).unwrap_or_default();
        let overall = self.overall.get(&ALL_TOGETHER).unwrap_or_default();
        if account.check(ACCOUNT, now).is_err() {
            return (PRESSED, Limit::Account);
        }
        if overall.check(OVERALL, now).is_err() {
            return (PRESSED, Limit::Overall);
        }
        (USUAL, Limit::Account)
    }
}

/// What a source may fail at; a browser that is known for one account has its streak alone.
fn rate(source: Source) -> Option<Rate> {
    match source {
        Source::Browser(_) => Some(BROWSERS),
        Source::Client(_) => Some(CLIENTS),
        Source::Device(_) => None,
    }
}

#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;
