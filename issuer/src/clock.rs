//! The wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

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
