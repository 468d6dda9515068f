//! Wrong credentials of clients.
//!
//! A client's secret is drawn at random, so that no number of guesses finds it, and checking one
//! costs a microsecond. So every secret is checked, and the right one always is: from whatever
//! address, whatever others do there. What is counted makes the answers to wrong ones slow down who
//! gives them: a client that is set up wrongly, or whoever wants to fill the log.

use std::sync::{Mutex, MutexGuard, PoisonError};

use dockgate_token::ClientId;

use super::allowance::{Allowance, Rate};
use super::lasting::{Book, Change};
use super::recent::Recent;
use super::{ALL_TOGETHER, Key, RetryAfter, Source};
use crate::clock::UnixSeconds;
use crate::metrics::{Limit, Throttled};
use crate::store::StoredCounter;

const WHAT: Throttled = Throttled::ClientCredentials;

/// Pairs and addresses that are remembered, each; together about 2 MiB.
pub(super) const MOST_REMEMBERED: usize = 8_192;

/// Wrong credentials of one client from one address.
pub(super) const PAIR: Rate = Rate {
    burst: 20,
    seconds_each: 30,
};

/// Wrong credentials from one address.
pub(super) const SOURCE: Rate = Rate {
    burst: 100,
    seconds_each: 10,
};

/// All wrong credentials.
pub(super) const OVERALL: Rate = Rate {
    burst: 10_000,
    seconds_each: 1,
};

/// Counts wrong credentials per client and address, per address, and all of them.
pub struct ClientThrottle(Mutex<Counters>);

struct Counters {
    pairs: Recent<Allowance>,
    sources: Recent<Allowance>,
    overall: Recent<Allowance>,
}

impl Default for ClientThrottle {
    fn default() -> Self {
        Self(Mutex::new(Counters {
            pairs: Recent::new(Book::ClientPairs, MOST_REMEMBERED),
            sources: Recent::new(Book::ClientSources, MOST_REMEMBERED),
            overall: Recent::new(Book::ClientsOverall, 1),
        }))
    }
}

impl ClientThrottle {
    /// The credentials were wrong. `claimed` is the client they were for, where there is such a one.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many before: then this is the answer.
    pub fn failed(
        &self,
        claimed: Option<&ClientId>,
        source: Source,
        now: UnixSeconds,
    ) -> Result<(), RetryAfter> {
        let mut counters = self.counters();
        let pair = claimed.map(|client| source.with(client.as_str()));
        if let Some(pair) = &pair {
            let own = counters.pairs.get(pair).unwrap_or_default();
            own.check(PAIR, now).map_err(WHAT.by(Limit::Client))?;
        }
        let all = counters.sources.get(&source.key()).unwrap_or_default();
        all.check(SOURCE, now).map_err(WHAT.by(Limit::Address))?;
        let overall = counters.overall.get(&ALL_TOGETHER).unwrap_or_default();
        overall
            .check(OVERALL, now)
            .map_err(WHAT.by(Limit::Overall))?;
        if let Some(pair) = pair {
            counters.pairs.fail(pair, PAIR, now);
        }
        counters.sources.fail(source.key(), SOURCE, now);
        counters.overall.fail(ALL_TOGETHER, OVERALL, now);
        Ok(())
    }

    pub(super) fn take_changes(&self, changes: &mut Vec<Change>) {
        let mut counters = self.counters();
        counters.pairs.take_changes(changes);
        counters.sources.take_changes(changes);
        counters.overall.take_changes(changes);
    }

    pub(super) fn restore(&self, book: Book, key: Key, stored: &StoredCounter) {
        let mut counters = self.counters();
        counters.pairs.restore(book, key, stored);
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
    fn twenty_wrong_secrets_of_a_client_and_a_hundred_of_an_address() {
        let throttle = ClientThrottle::default();
        let client = |n: u32| format!("client{n}").parse::<ClientId>().unwrap();
        for _ in 0..20 {
            assert_eq!(throttle.failed(Some(&client(0)), source(1), NOW), Ok(()));
        }
        assert_eq!(
            throttle.failed(Some(&client(0)), source(1), NOW),
            Err(RetryAfter(30))
        );
        assert_eq!(throttle.failed(Some(&client(0)), source(2), NOW), Ok(()));
        for _ in 0..80 {
            assert_eq!(throttle.failed(None, source(1), NOW), Ok(()));
        }
        assert_eq!(
            throttle.failed(Some(&client(1)), source(1), NOW),
            Err(RetryAfter(10))
        );
    }

    #[test]
    fn many_addresses_together_are_bounded_too() {
        let throttle = ClientThrottle::default();
        for n in 0..10_000 {
            assert_eq!(throttle.failed(None, source(n), NOW), Ok(()), "{n}");
        }
        assert_eq!(
            throttle.failed(None, source(20_000), NOW),
            Err(RetryAfter(1))
        );
    }
}
