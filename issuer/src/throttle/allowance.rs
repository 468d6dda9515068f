//! An allowance of failures that grows back with time: of one source, or of everybody together.

use super::RetryAfter;
use super::lasting::Lasting;
use crate::clock::UnixSeconds;
use crate::store::StoredCounter;

/// How many failures may come at once, and how long until one more may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// At once.
    pub(super) burst: u64,
    /// Seconds until one failure is forgotten.
    pub(super) seconds_each: u64,
}

/// What has been used up, as the time at which all of it will have grown back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Allowance {
    whole_at: UnixSeconds,
}

impl Allowance {
    /// Whether one more failure is allowed.
    pub(super) fn check(self, rate: Rate, now: UnixSeconds) -> Result<(), RetryAfter> {
        let most = rate
            .burst
            .saturating_sub(1)
            .saturating_mul(rate.seconds_each);
        match self.owed(rate, now).saturating_sub(most) {
            0 => Ok(()),
            left => Err(RetryAfter(left)),
        }
    }

    /// What is left after a failure.
    pub(super) fn failed(self, rate: Rate, now: UnixSeconds) -> Self {
        let owed = self.owed(rate, now).saturating_add(rate.seconds_each);
        Self {
            whole_at: now.saturating_add(owed),
        }
    }

    /// What is left once a failure turns out to be none.
    pub(super) fn taken_back(self, rate: Rate, now: UnixSeconds) -> Self {
        let owed = self.owed(rate, now).saturating_sub(rate.seconds_each);
        Self {
            whole_at: now.saturating_add(owed),
        }
    }

    /// Whether nothing of it is used up.
    pub(super) fn is_whole(self, now: UnixSeconds) -> bool {
        self.whole_at <= now
    }

    /// Seconds until the allowance is whole; no more than all of it, whatever the clock does.
    fn owed(self, rate: Rate, now: UnixSeconds) -> u64 {
        let all = rate.burst.saturating_mul(rate.seconds_each);
        self.whole_at.saturating_sub(now).min(all)
    }
}

impl Lasting for Allowance {
    fn stored(self) -> StoredCounter {
        StoredCounter {
            expires_at: self.whole_at,
            failures: 0,
            at: self.whole_at,
        }
    }

    fn of(stored: &StoredCounter) -> Self {
        Self {
            whole_at: stored.at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        burst: 3,
        seconds_each: 10,
    };

    #[test]
    fn a_burst_is_allowed_and_then_one_at_a_time() {
        let mut allowance = Allowance::default();
        for _ in 0..3 {
            assert_eq!(allowance.check(RATE, 1000), Ok(()));
            allowance = allowance.failed(RATE, 1000);
        }
        assert_eq!(allowance.check(RATE, 1000), Err(RetryAfter(10)));
        assert_eq!(allowance.check(RATE, 1009), Err(RetryAfter(1)));
        assert_eq!(allowance.check(RATE, 1010), Ok(()));
        allowance = allowance.failed(RATE, 1010);
        assert_eq!(allowance.check(RATE, 1010), Err(RetryAfter(10)));
        assert_eq!(allowance.check(RATE, 1040), Ok(()));
    }

    #[test]
    fn a_clock_set_back_costs_no_more_than_the_whole_allowance() {
        let allowance = Allowance::default().failed(RATE, 1_000_000);
        assert_eq!(allowance.check(RATE, 0), Err(RetryAfter(10)));
    }
}
