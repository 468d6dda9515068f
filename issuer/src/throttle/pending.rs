//! What may be begun and left: pushed requests and device codes. Of each the store keeps a bounded
//! number, and this sees to it that one client, or one address that speaks for a public client, has
//! no more than its part of that.
//!
//! The counters end with the process. What they counted is bounded by the store all the same.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::allowance::{Allowance, Rate};
use super::lasting::Book;
use super::recent::Recent;
use super::shares::Shares;
use super::{RetryAfter, Source};
use crate::clock::UnixSeconds;
use crate::metrics::{Limit, Throttled};

/// Clients, addresses and networks that are remembered, for each kind; together about 1 MiB.
pub(super) const MOST_REMEMBERED: usize = 4_096;

/// Requests pushed from one address, by public clients: with the lifetime of 90 seconds never more
/// than 190 at once, 490 from a network of 56 bits and 1090 from one of 48.
pub(super) const PUSHED_BY_ADDRESS: Shares = Shares {
    own: Rate {
        burst: 100,
        seconds_each: 1,
    },
    of_56: Rate {
        burst: 400,
        seconds_each: 1,
    },
    of_48: Rate {
        burst: 1_000,
        seconds_each: 1,
    },
};

/// Requests pushed by one client that has authenticated: with the lifetime of 90 seconds less than
/// half of what there may be.
pub(super) const PUSHED_BY_CLIENT: Rate = Rate {
    burst: 4_000,
    seconds_each: 1,
};

/// Device codes asked for from one address, by public clients: with the 15 minutes that one is kept
/// never more than 140 at once, 380 from a network of 56 bits and 1250 from one of 48.
pub(super) const DEVICES_BY_ADDRESS: Shares = Shares {
    own: Rate {
        burst: 50,
        seconds_each: 10,
    },
    of_56: Rate {
        burst: 200,
        seconds_each: 5,
    },
    of_48: Rate {
        burst: 800,
        seconds_each: 2,
    },
};

/// Device codes asked for by one client that has authenticated: within 15 minutes less than half of
/// what there may be.
pub(super) const DEVICES_BY_CLIENT: Rate = Rate {
    burst: 4_000,
    seconds_each: 1,
};

/// What is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// A pushed authorization request.
    PushedRequest,
    /// A device authorization.
    Device,
}

/// Counts what is begun, per client that has authenticated and per address of others.
pub struct PendingThrottle(Mutex<Counters>);

struct Counters {
    pushed: Recent<Allowance>,
    devices: Recent<Allowance>,
}

impl Default for PendingThrottle {
    fn default() -> Self {
        Self(Mutex::new(Counters {
            pushed: Recent::new(Book::Unwritten, MOST_REMEMBERED),
            devices: Recent::new(Book::Unwritten, MOST_REMEMBERED),
        }))
    }
}

impl PendingThrottle {
    /// Takes one of what may be begun.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many.
    pub fn take(
        &self,
        pending: Pending,
        source: Source,
        now: UnixSeconds,
    ) -> Result<(), RetryAfter> {
        let mut counters = self.counters();
        let shares = shares(pending, source);
        let (counters, what) = match pending {
            Pending::PushedRequest => (&mut counters.pushed, Throttled::PushedRequest),
            Pending::Device => (&mut counters.devices, Throttled::Device),
        };
        let limit = match source {
            Source::Client(_) => Limit::Client,
            Source::Browser(_) | Source::Device(_) => Limit::Address,
        };
        let checked = counters.check_share(source, shares, now);
        checked.map_err(what.by(limit))?;
        counters.count_share(source, shares, now);
        Ok(())
    }

    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shares(pending: Pending, source: Source) -> Shares {
    match (pending, source) {
        (Pending::PushedRequest, Source::Client(_)) => Shares::only(PUSHED_BY_CLIENT),
        (Pending::PushedRequest, _) => PUSHED_BY_ADDRESS,
        (Pending::Device, Source::Client(_)) => Shares::only(DEVICES_BY_CLIENT),
        (Pending::Device, _) => DEVICES_BY_ADDRESS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = 1_000_000;

    fn most(pending: Pending, source: Source, seconds: u64) -> usize {
        let throttle = PendingThrottle::default();
        let mut taken = 0;
        for now in NOW..=NOW + seconds {
            while throttle.take(pending, source, now).is_ok() {
                taken += 1;
            }
        }
        taken
    }

    #[test]
    fn nobody_has_half_of_what_there_may_be() {
        let address = Source::browser(None);
        let client = Source::client(&"web".parse().unwrap(), None);
        for (pending, source, lifetime, expected) in [
            (Pending::PushedRequest, address, 90, 190),
            (Pending::Device, address, 900, 140),
            (Pending::PushedRequest, client, 90, 4_090),
            (Pending::Device, client, 900, 4_900),
        ] {
            assert_eq!(most(pending, source, lifetime), expected, "{pending:?}");
            assert!(expected < 10_000 / 2);
        }
    }

    #[test]
    fn what_one_has_used_up_another_still_has() {
        let throttle = PendingThrottle::default();
        let source = |n: u32| Source::browser(Some(std::net::Ipv4Addr::from(n).into()));
        while throttle.take(Pending::Device, source(1), NOW).is_ok() {}
        assert_eq!(
            throttle.take(Pending::Device, source(1), NOW),
            Err(RetryAfter(10))
        );
        assert_eq!(throttle.take(Pending::Device, source(2), NOW), Ok(()));
        assert_eq!(
            throttle.take(Pending::PushedRequest, source(1), NOW),
            Ok(())
        );
    }
}
