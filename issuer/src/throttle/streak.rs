//! Failures in a row: a few are free, then each makes the wait before the next attempt longer.

use super::RetryAfter;
use crate::clock::UnixSeconds;

/// Failures that cost nothing: people mistype.
const FREE: u32 = 5;
/// The wait after the first failure that is not free, in seconds; each further one doubles it.
const FIRST_WAIT: u64 = 5;
/// The longest wait, in seconds: about a hundred guesses a day from one place.
const LONGEST_WAIT: u64 = 15 * 60;
/// After so many seconds without a failure, what was before is forgotten.
const FORGOTTEN_AFTER: u64 = 12 * 60 * 60;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Streak {
    failures: u32,
    last: UnixSeconds,
}

impl Streak {
    /// Whether the next attempt may be made.
    pub(super) fn check(self, now: UnixSeconds) -> Result<(), RetryAfter> {
        let left = self.ends_at().saturating_sub(now);
        // A clock that was set back must not make anybody wait longer than ever meant.
        match left.min(LONGEST_WAIT) {
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

    fn ends_at(self) -> UnixSeconds {
        let wait = match self.failures.checked_sub(FREE) {
            None => 0,
            Some(doublings) => 1_u64
                .checked_shl(doublings)
                .map_or(LONGEST_WAIT, |times| FIRST_WAIT.saturating_mul(times))
                .min(LONGEST_WAIT),
        };
        self.last.saturating_add(wait)
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
            assert_eq!(after(failures).check(1000), expected, "{failures}");
            assert_eq!(after(failures).check(1000 + wait), Ok(()), "{failures}");
        }
    }

    #[test]
    fn half_a_day_without_a_failure_forgets_them() {
        let later = 1000 + FORGOTTEN_AFTER;
        assert!(after(9).failed(later).check(later).is_err());
        assert_eq!(after(9).failed(later + 1).check(later + 1), Ok(()));
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        assert_eq!(after(13).check(0), Err(RetryAfter(LONGEST_WAIT)));
    }
}
