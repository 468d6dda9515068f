//! The clock on the wall, and the one that cannot be set.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Seconds since the Unix epoch, as in the NumericDate of RFC 7519 §2.
pub type UnixSeconds = u64;

/// What the outermost layer is given to ask for the time; tests give their own.
pub type Clock = fn() -> UnixSeconds;

/// The system's clock. A clock set before 1970 reads 0, so that whatever is issued is expired.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn system_clock() -> UnixSeconds {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Nanoseconds since the Unix epoch, as OTLP has them.
pub type UnixNanos = u64;

/// The system's clock to the nanosecond, for what is only looked at.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn system_nanos() -> UnixNanos {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_nanos()).ok())
        .unwrap_or(0)
}

/// What the outermost layer is given to ask how long it has been; tests give their own.
pub type Uptime = fn() -> Duration;

/// How long it has been since this was first asked, whatever happened to the clock on the wall. Never
/// more than has really passed: the time for which the machine slept may be missing.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn system_uptime() -> Duration {
    static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGINNING.elapsed()
}
