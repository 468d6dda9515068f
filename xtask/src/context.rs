//! What every step is given: when the task began, and whether it is to end.

use std::time::Instant;

use dockgate_stack::{StopFlag, now};

/// What every step is given.
pub(crate) struct Context {
    pub(crate) stop: StopFlag,
    begun: Instant,
}

impl Context {
    pub(crate) fn new(stop: StopFlag) -> Self {
        Self { stop, begun: now() }
    }

    /// Says what is being done, after how many seconds.
    pub(crate) fn say(&self, what: &str) {
        println!("[{:6.1} s] {what}", self.seconds());
    }

    /// Seconds since the task began.
    pub(crate) fn seconds(&self) -> f64 {
        now().duration_since(self.begun).as_secs_f64()
    }
}
