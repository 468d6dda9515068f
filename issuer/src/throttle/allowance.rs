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

impl Rate {
    /// Seconds until an allowance that is used up is whole.
    fn all(self) -> u64 {
        self.burst.saturating_mul(self.seconds_each)
    }
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

    /// What is left while it is not known whether something is a failure, and how many seconds of growing
    /// back that took: none where all is used up.
    pub(super) fn tried(self, rate: Rate, now: UnixSeconds) -> (Self, u64) {
        let before = self.owed(rate, now);
        let owed = before.saturating_add(rate.seconds_each).min(rate.all());
        let tried = Self {
            whole_at: now.saturating_add(owed),
        };
        (tried, owed.saturating_sub(before))
    }

    /// What is left once what took `seconds` turns out to be no failure.
    pub(super) fn given_back(self, seconds: u64, rate: Rate, now: UnixSeconds) -> Self {
        let owed = self.owed(rate, now).saturating_sub(seconds);
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
        self.whole_at.saturating_sub(now).min(rate.all())
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
    fn what_is_used_up_is_used_up_no_further_and_gives_back_no_more_than_it_took() {
        let used_up = (0..3).fold(Allowance::default(), |all, _| all.failed(RATE, 1000));
        assert_eq!(used_up.tried(RATE, 1000), (used_up, 0));
        let (again, took) = used_up.tried(RATE, 1004);
        assert_eq!(took, 4, "what has grown back is all that there is to take");
        assert_eq!(again.given_back(took, RATE, 1004), used_up);
        let (first, took) = Allowance::default().tried(RATE, 1000);
        assert_eq!(took, 10);
        assert!(first.given_back(took, RATE, 1003).is_whole(1003));
    }

    #[test]
    fn a_clock_set_back_costs_no_more_than_the_whole_allowance() {
        let allowance = Allowance::default().failed(RATE, 1_000_000);
        assert_eq!(allowance.check(RATE, 0), Err(RetryAfter(10)));
    }
}
