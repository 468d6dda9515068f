//! Registrations of clients (RFC 7591 §5): all of them count, not only those that fail.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::allowance::{Allowance, Rate};
use super::lasting::{Book, Change};
use super::recent::Recent;
use super::shares::Shares;
use super::source::named;
use super::{ALL_TOGETHER, Key, RetryAfter, Source};
use crate::clock::UnixSeconds;
use crate::metrics::{Limit, Throttled};
use crate::store::StoredCounter;

const WHAT: Throttled = Throttled::Registration;

/// Addresses, networks and initial access tokens that are remembered, together; about 1 MiB.
pub(super) const MOST_REMEMBERED: usize = 8_192;

/// Registrations from one address by who shows nothing.
pub(super) const SOURCE: Shares = Shares {
    own: Rate {
        burst: 20,
        seconds_each: 300,
    },
    of_56: Rate {
        burst: 60,
        seconds_each: 120,
    },
    of_48: Rate {
        burst: 200,
        seconds_each: 60,
    },
};

/// Registrations with one initial access token: a deployment may bring many at once.
pub(super) const TOKEN: Rate = Rate {
    burst: 1000,
    seconds_each: 10,
};

/// All registrations by who shows nothing. Those with a token go on when these are used up.
pub(super) const OVERALL: Rate = Rate {
    burst: 1000,
    seconds_each: 10,
};

/// Who registers a client.
#[derive(Clone, Copy, Debug)]
pub enum Registrant<'a> {
    /// Anybody, from somewhere.
    Anyone(Source),
    /// The holder of an initial access token, by the name of the token.
    Holder(&'a str),
}

/// Counts registrations per address or initial access token, and all without one.
pub struct RegistrationThrottle(Mutex<Counters>);

struct Counters {
    registrants: Recent<Allowance>,
    overall: Recent<Allowance>,
}

impl Default for RegistrationThrottle {
    fn default() -> Self {
        Self(Mutex::new(Counters {
            registrants: Recent::new(Book::Registrants, MOST_REMEMBERED),
            overall: Recent::new(Book::RegistrationsOverall, 1),
        }))
    }
}

impl RegistrationThrottle {
    /// Takes one registration of what may be made; whether it is made then does not matter.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many.
    pub fn take(&self, registrant: Registrant<'_>, now: UnixSeconds) -> Result<(), RetryAfter> {
        let mut counters = self.counters();
        match registrant {
            Registrant::Holder(token) => {
                let key = named(token);
                let own = counters.registrants.get(&key).unwrap_or_default();
                own.check(TOKEN, now).map_err(WHAT.by(Limit::Client))?;
                counters.registrants.fail(key, TOKEN, now);
            }
            Registrant::Anyone(source) => {
                let own = counters.registrants.check_share(source, SOURCE, now);
                own.map_err(WHAT.by(Limit::Address))?;
                let overall = counters.overall.get(&ALL_TOGETHER).unwrap_or_default();
                overall
                    .check(OVERALL, now)
                    .map_err(WHAT.by(Limit::Overall))?;
                counters.overall.fail(ALL_TOGETHER, OVERALL, now);
                counters.registrants.count_share(source, SOURCE, now);
            }
        }
        Ok(())
    }

    pub(super) fn take_changes(&self, changes: &mut Vec<Change>) {
        let mut counters = self.counters();
        counters.registrants.take_changes(changes);
        counters.overall.take_changes(changes);
    }

    pub(super) fn restore(&self, book: Book, key: Key, stored: &StoredCounter) {
        let mut counters = self.counters();
        counters.registrants.restore(book, key, stored);
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

    fn anyone(n: u32) -> Registrant<'static> {
        let address = std::net::Ipv4Addr::from(n).into();
        Registrant::Anyone(Source::browser(Some(address)))
    }

    #[test]
    fn twenty_from_an_address_and_then_one_in_five_minutes() {
        let throttle = RegistrationThrottle::default();
        for _ in 0..20 {
            assert_eq!(throttle.take(anyone(1), NOW), Ok(()));
        }
        assert_eq!(throttle.take(anyone(1), NOW), Err(RetryAfter(300)));
        assert_eq!(throttle.take(anyone(2), NOW), Ok(()));
        assert_eq!(throttle.take(anyone(1), NOW + 300), Ok(()));
    }

    #[test]
    fn ten_thousand_by_strangers_leave_the_holder_of_a_token_theirs() {
        let throttle = RegistrationThrottle::default();
        let admitted = (0..10_000).filter(|n| throttle.take(anyone(*n), NOW).is_ok());
        assert_eq!(admitted.count(), 1000);
        let holder = Registrant::Holder("deployment");
        for n in 0..1000 {
            assert_eq!(throttle.take(holder, NOW), Ok(()), "{n}");
        }
        assert_eq!(throttle.take(holder, NOW), Err(RetryAfter(10)));
    }
}
