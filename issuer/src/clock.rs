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
