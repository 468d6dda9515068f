//! The one place here that reads the clock, and bounded waiting on top of it.

use std::time::{Duration, Instant};

/// The present moment, for measuring how long something took.
#[expect(
    clippy::disallowed_methods,
    reason = "the outermost layer: how long a process may take is wall time"
)]
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}

/// A moment after which waiting is given up.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// A deadline that passes in `duration` from now.
    #[must_use]
    pub fn after(duration: Duration) -> Self {
        Self(now() + duration)
    }

    /// Whether it has passed.
    #[must_use]
    pub fn passed(self) -> bool {
        now() >= self.0
    }

    /// Asks `condition` every 20 ms until it gives a value; `None` when the deadline passed first.
    /// It is asked at least once, and once more at the deadline.
    pub fn poll<T>(self, condition: impl FnMut() -> Option<T>) -> Option<T> {
        self.poll_every(Duration::from_millis(20), condition)
    }

    /// Like [`Deadline::poll`], for those who cannot wait 20 ms or need not ask so often.
    pub fn poll_every<T>(
        self,
        interval: Duration,
        mut condition: impl FnMut() -> Option<T>,
    ) -> Option<T> {
        loop {
            let last = self.passed();
            if let Some(value) = condition() {
                return Some(value);
            }
            if last {
                return None;
            }
            std::thread::park_timeout(interval);
        }
    }
}
