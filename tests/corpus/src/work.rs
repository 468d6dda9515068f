//! How much was worked, for tests that ask how fast work grows.

use std::time::Duration;

/// What this thread has had of the processor, whatever else the machine did meanwhile.
///
/// # Panics
/// Where there is no `/proc`.
pub fn worked() -> Duration {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds = statistics.split(' ').next().unwrap_or_default();
    Duration::from_nanos(nanoseconds.parse().unwrap())
}
