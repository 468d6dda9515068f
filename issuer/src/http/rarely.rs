//! A line of the log for what may go wrong many times a second.

use std::time::Duration;

use tokio::time::Instant;

/// After a line, how long there is no other.
const PAUSE: Duration = Duration::from_secs(60);

/// When there was a line, and how often it has gone wrong since.
#[derive(Default)]
pub(super) struct Rarely {
    last: Option<Instant>,
    unsaid: u64,
}

impl Rarely {
    /// Once more at `now`. If a line is due, how many went without one before.
    pub(super) fn again(&mut self, now: Instant) -> Option<u64> {
        let is_due = |last| now.saturating_duration_since(last) >= PAUSE;
        if !self.last.is_none_or(is_due) {
            self.unsaid = self.unsaid.saturating_add(1);
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_line_a_minute_and_none_of_the_count_is_lost() {
        let (mut rarely, begun) = (Rarely::default(), Instant::now());
        let mut lines = Vec::new();
        for tenth in 0..=1200 {
            let now = begun + Duration::from_millis(100 * tenth);
            lines.extend(rarely.again(now).map(|unsaid| (tenth, unsaid)));
        }
        assert_eq!(lines, [(0, 0), (600, 599), (1200, 599)]);
    }
}
