//! When to fetch a JWKS: at once, then on a timer, sooner after a failure, and at most once a
//! cool-down for a key that nobody knows.

use crate::UnixSeconds;

/// The fetch times of one issuer's JWKS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchSchedule {
    refresh_seconds: u64,
    next_at: UnixSeconds,
    in_flight_since: Option<UnixSeconds>,
    last_wanted_at: Option<UnixSeconds>,
    failures: u32,
}

impl FetchSchedule {
    /// Due at once; after a good fetch again every `refresh_seconds`.
    pub fn new(refresh_seconds: u64) -> Self {
        Self {
            refresh_seconds,
            next_at: 0,
            in_flight_since: None,
            last_wanted_at: None,
            failures: 0,
        }
    }

    /// Whether to fetch now. If so, no other fetch is due until the outcome is told.
    pub(crate) fn take_due(&mut self, now: UnixSeconds) -> bool {
        let stuck = |since: UnixSeconds| now >= since.saturating_add(STUCK_AFTER_SECONDS);
        let due = now >= self.next_at && self.in_flight_since.is_none_or(stuck);
        if due {
            self.in_flight_since = Some(now);
        }
        due
    }

    pub(crate) fn succeeded(&mut self, now: UnixSeconds) {
        self.failures = 0;
        self.in_flight_since = None;
        self.next_at = now.saturating_add(self.refresh_seconds);
    }

    /// Backs off: 1, 2, 4, … seconds, never longer than the refresh period or half a minute.
    pub(crate) fn failed(&mut self, now: UnixSeconds) {
        let pause = 1u64.checked_shl(self.failures).unwrap_or(u64::MAX);
        self.failures = self.failures.saturating_add(1);
        self.in_flight_since = None;
        self.next_at = now.saturating_add(pause.min(MAX_PAUSE_SECONDS).min(self.refresh_seconds));
    }

    /// Brings the next fetch forward, at most once every [`COOL_DOWN_SECONDS`]: a flood of unknown
    /// keys must not become a flood at the issuer.
    pub(crate) fn wanted(&mut self, now: UnixSeconds) {
        let cooled = |last: UnixSeconds| now >= last.saturating_add(COOL_DOWN_SECONDS);
        if self.failures == 0 && self.last_wanted_at.is_none_or(cooled) {
            self.last_wanted_at = Some(now);
            self.next_at = self.next_at.min(now);
        }
    }
}

/// As jose, the most used client library, waits between two fetches.
const COOL_DOWN_SECONDS: u64 = 30;
const MAX_PAUSE_SECONDS: u64 = 30;
/// A host answers every call within its timeout; should one get lost, fetch again all the same.
const STUCK_AFTER_SECONDS: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fetch_is_due_at_once_and_only_once() {
        let mut schedule = FetchSchedule::new(300);
        assert!(schedule.take_due(1000));
        assert!(!schedule.take_due(1001));
        schedule.succeeded(1001);
        assert!(!schedule.take_due(1300));
        assert!(schedule.take_due(1301));
    }

    #[test]
    fn failures_back_off_up_to_half_a_minute() {
        let mut schedule = FetchSchedule::new(300);
        let mut pauses = Vec::new();
        let mut now = 0;
        for _ in 0..8 {
            assert!(schedule.take_due(now));
            schedule.failed(now);
            let pause = (0..)
                .find(|pause| schedule.clone().take_due(now + pause))
                .unwrap();
            pauses.push(pause);
            now += pause;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn a_lost_call_does_not_stop_fetching_for_ever() {
        let mut schedule = FetchSchedule::new(300);
        assert!(schedule.take_due(0));
        assert!(!schedule.take_due(59));
        assert!(schedule.take_due(60));
    }

    #[test]
    fn unknown_keys_bring_the_fetch_forward_once_a_cool_down() {
        let mut schedule = FetchSchedule::new(300);
        let fetches = (0..120u64)
            .filter(|now| {
                schedule.wanted(*now);
                let due = schedule.take_due(*now);
                if due {
                    schedule.succeeded(*now);
                }
                due
            })
            .count();
        assert_eq!(fetches, 4, "at 0, 30, 60 and 90 seconds");
    }
}
