//! How much was worked, for tests that ask how fast work grows.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What this thread has had of the processor, whatever else the machine did meanwhile: to the nanosecond,
/// where `/proc` knows only of whole ticks.
pub fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
