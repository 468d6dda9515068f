//! Documents of clients that are fetched for somebody. The counters end with the process: what they
//! bound is traffic.

use std::sync::{Mutex, PoisonError};

use super::allowance::{Allowance, Rate};
use super::lasting::Book;
use super::recent::Recent;
use super::shares::Shares;
use super::{ALL_TOGETHER, RetryAfter, Source};
use crate::clock::UnixSeconds;

/// Addresses and networks that are remembered; less than 1 MiB.
pub(super) const MOST_REMEMBERED: usize = 4_096;

/// Documents fetched for one address.
pub(super) const SOURCE: Shares = Shares {
    own: Rate {
        burst: 20,
        seconds_each: 10,
    },
    of_56: Rate {
        burst: 60,
        seconds_each: 5,
    },
    of_48: Rate {
        burst: 150,
        seconds_each: 2,
    },
};

/// Documents fetched for all.
pub(super) const OVERALL: Rate = Rate {
    burst: 500,
    seconds_each: 1,
};

/// Counts fetches, whatever comes of them.
pub struct DocumentThrottle(Mutex<Counters>);

struct Counters {
    sources: Recent<Allowance>,
    overall: Recent<Allowance>,
}

impl Default for DocumentThrottle {
    fn default() -> Self {
        Self(Mutex::new(Counters {
            sources: Recent::new(Book::Unwritten, MOST_REMEMBERED),
            overall: Recent::new(Book::Unwritten, 1),
        }))
    }
}

impl DocumentThrottle {
    /// Takes one fetch of what may be made.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many.
    pub fn take(&self, source: Source, now: UnixSeconds) -> Result<(), RetryAfter> {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counters.sources.check_share(source, SOURCE, now)?;
        let overall = counters.overall.get(&ALL_TOGETHER).unwrap_or_default();
        overall.check(OVERALL, now)?;
        counters.sources.count_share(source, SOURCE, now);
        counters.overall.fail(ALL_TOGETHER, OVERALL, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_its_part_and_all_together_theirs() {
        let throttle = DocumentThrottle::default();
        let from = |n: u32| Source::browser(Some(std::net::Ipv4Addr::from(n).into()));
        for _ in 0..20 {
            assert_eq!(throttle.take(from(1), 5), Ok(()));
        }
        assert_eq!(throttle.take(from(1), 5), Err(RetryAfter(10)));
        let admitted = (2..1000).filter(|n| throttle.take(from(*n), 5).is_ok());
        assert_eq!(admitted.count(), 480);
    }
}
