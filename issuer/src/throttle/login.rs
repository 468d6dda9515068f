//! Wrong passwords.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::allowance::{Allowance, Rate};
use super::recent::Recent;
use super::streak::Streak;
use super::{RetryAfter, Source};
use crate::clock::UnixSeconds;

/// Accounts and sources that are remembered, each; together about 4 MiB.
const MOST_REMEMBERED: usize = 16_384;

/// Wrong passwords of one address, for whatever accounts: room for an office behind one address.
const BROWSERS: Rate = Rate {
    burst: 100,
    seconds_each: 10,
};

/// Wrong passwords that one client passes on: it speaks for all of its users.
const CLIENTS: Rate = Rate {
    burst: 1000,
    seconds_each: 1,
};

/// Counts wrong passwords per account and source, and per source. An account is never locked: from
/// another source it can be used as before. The price is that guesses from very many addresses are
/// slowed by nothing but the cost of a hash.
pub struct LoginThrottle(Mutex<Counters>);

struct Counters {
    accounts: Recent<Streak>,
    sources: Recent<Allowance>,
}

impl Default for LoginThrottle {
    fn default() -> Self {
        Self(Mutex::new(Counters {
            accounts: Recent::new(MOST_REMEMBERED),
            sources: Recent::new(MOST_REMEMBERED),
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
        let account = counters.accounts.get(&source.with(account));
        account.unwrap_or_default().check(now)?;
        let all = counters.sources.get(&source.key());
        all.unwrap_or_default().check(rate(source), now)
    }

    /// The password was wrong, or there is no such account.
    pub fn failed(&self, account: &str, source: Source, now: UnixSeconds) {
        let mut counters = self.counters();
        let key = source.with(account);
        let streak = counters.accounts.get(&key).unwrap_or_default();
        counters.accounts.put(key, streak.failed(now));
        let all = counters.sources.get(&source.key()).unwrap_or_default();
        let all = all.failed(rate(source), now);
        counters.sources.put(source.key(), all);
    }

    /// The password was right. What the source has failed at elsewhere still counts: whoever has an
    /// account of their own gets no more guesses at others by it.
    pub fn succeeded(&self, account: &str, source: Source) {
        self.counters().accounts.remove(&source.with(account));
    }

    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn rate(source: Source) -> Rate {
    match source {
        Source::Browser(_) => BROWSERS,
        Source::Client(_) => CLIENTS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = 1_000_000;

    fn browser(address: &str) -> Source {
        Source::browser(Some(address.parse().unwrap()))
    }

    #[test]
    fn guesses_from_one_place_lock_nobody_out_elsewhere() {
        let throttle = LoginThrottle::default();
        let (attacker, user) = (browser("192.0.2.1"), browser("198.51.100.1"));
        for _ in 0..20 {
            throttle.failed("alice", attacker, NOW);
        }
        assert!(throttle.check("alice", attacker, NOW).is_err());
        assert_eq!(throttle.check("alice", user, NOW), Ok(()));
        assert_eq!(throttle.check("bob", attacker, NOW), Ok(()));
    }

    #[test]
    fn the_right_password_ends_a_streak_but_not_what_the_source_owes() {
        let throttle = LoginThrottle::default();
        let source = browser("192.0.2.1");
        for _ in 0..4 {
            throttle.failed("alice", source, NOW);
        }
        throttle.succeeded("alice", source);
        for _ in 0..4 {
            throttle.failed("alice", source, NOW);
        }
        assert_eq!(throttle.check("alice", source, NOW), Ok(()));
        for n in 0..92 {
            throttle.failed(&format!("user{n}"), source, NOW);
        }
        throttle.succeeded("alice", source);
        assert_eq!(throttle.check("alice", source, NOW), Err(RetryAfter(10)));
    }

    #[test]
    fn a_client_speaks_for_many_users() {
        let throttle = LoginThrottle::default();
        let client = Source::client(&"legacy".parse().unwrap(), None);
        for n in 0..999 {
            throttle.failed(&format!("user{n}"), client, NOW);
        }
        assert_eq!(throttle.check("alice", client, NOW), Ok(()));
        throttle.failed("last", client, NOW);
        assert_eq!(throttle.check("alice", client, NOW), Err(RetryAfter(1)));
    }
}
