//! Failures in a row: a few are free, then each makes the wait before the next attempt longer.

use super::RetryAfter;
use super::lasting::Lasting;
use crate::clock::UnixSeconds;
use crate::store::StoredCounter;

/// How fast attempts may follow failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// Failures that cost nothing: people mistype.
    pub(super) free: u32,
    /// The wait after the first failure that is not free, in seconds; each further one doubles it.
    pub(super) first_wait: u64,
    /// The longest wait, in seconds.
    pub(super) longest_wait: u64,
}

/// About a hundred guesses a day from one place.
pub(super) const USUAL: Pace = Pace {
    free: 5,
    first_wait: 5,
    longest_wait: 15 * 60,
};

/// While many places guess at once: about ten a day from each. Never less than one, so that whoever
/// knows the password is let in.
pub(super) const PRESSED: Pace = Pace {
    free: 1,
    first_wait: 15 * 60,
    longest_wait: 4 * 60 * 60,
};

/// After so many seconds without a failure, what was before is forgotten.
pub(super) const FORGOTTEN_AFTER: u64 = 12 * 60 * 60;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Streak {
    failures: u32,
    last: UnixSeconds,
}

impl Streak {
    /// Whether the next attempt may be made.
    pub(super) fn check(self, pace: Pace, now: UnixSeconds) -> Result<(), RetryAfter> {
        let left = self.ends_at(pace).saturating_sub(now);
        // A clock that was set back must not make anybody wait longer than ever meant.
        match left.min(pace.longest_wait) {
            0 => Ok(()),
            left => Err(RetryAfter(left)),
        }
    }

    /// The streak with one failure more.
    pub(super) fn failed(self, now: UnixSeconds) -> Self {
        let forgotten = now.saturating_sub(self.last) > FORGOTTEN_AFTER;
        let before = if forgotten { 0 } else { self.failures };
        Self {
            failures: before.saturating_add(1),
            last: now,
        }
    }

    fn ends_at(self, pace: Pace) -> UnixSeconds {
        let wait = match self.failures.checked_sub(pace.free) {
            None => 0,
            Some(doublings) => 1_u64
                .checked_shl(doublings)
                .map_or(pace.longest_wait, |times| {
                    pace.first_wait.saturating_mul(times)
                })
                .min(pace.longest_wait),
        };
        self.last.saturating_add(wait)
    }
}

impl Lasting for Streak {
    fn stored(self) -> StoredCounter {
        StoredCounter {
            expires_at: self.last.saturating_add(FORGOTTEN_AFTER),
            failures: self.failures,
            at: self.last,
        }
    }

    fn of(stored: &StoredCounter) -> Self {
        Self {
            failures: stored.failures,
            last: stored.at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(failures: u32) -> Streak {
        (0..failures).fold(Streak::default(), |streak, _| streak.failed(1000))
    }

    #[test]
    fn a_few_failures_are_free_and_then_the_wait_doubles() {
        for (failures, wait) in [
            (0, 0),
            (4, 0),
            (5, 5),
            (6, 10),
            (7, 20),
            (12, 640),
            (13, 900),
            (200, 900),
        ] {
            let expected = if wait == 0 {
                Ok(())
            } else {
                Err(RetryAfter(wait))
            };
            assert_eq!(after(failures).check(USUAL, 1000), expected, "{failures}");
            assert_eq!(
                after(failures).check(USUAL, 1000 + wait),
                Ok(()),
                "{failures}"
            );
        }
    }

    #[test]
    fn under_pressure_one_failure_is_free_and_the_waits_are_longer() {
        for (failures, wait) in [(0, 0), (1, 900), (2, 1800), (5, 14_400), (200, 14_400)] {
            let streak = after(failures);
            assert_eq!(streak.check(PRESSED, 1000 + wait), Ok(()), "{failures}");
            assert_eq!(
                streak.check(PRESSED, 999 + wait).is_err(),
                wait > 0,
                "{failures}"
            );
        }
    }

    #[test]
    fn half_a_day_without_a_failure_forgets_them() {
        let later = 1000 + FORGOTTEN_AFTER;
        assert!(after(9).failed(later).check(USUAL, later).is_err());
        assert_eq!(after(9).failed(later + 1).check(USUAL, later + 1), Ok(()));
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let longest = Err(RetryAfter(USUAL.longest_wait));
        assert_eq!(after(13).check(USUAL, 0), longest);
    }
}
