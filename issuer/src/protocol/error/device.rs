//! Device codes that have no tokens to give, or not yet (RFC 8628 §3.5).

use super::WireError;

/// Why a poll of a device gets no tokens. The first two are no failures: the device polls on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceError {
    /// The user has not decided.
    Pending,
    /// The user has not decided, and the device polls faster than it was told to.
    SlowDown,
    /// The user said no.
    Denied,
    /// The user took too long.
    Expired,
}

impl DeviceError {
    pub(super) fn wire(self) -> WireError {
        let (error, description) = match self {
            Self::Pending => ("authorization_pending", "The user has not decided yet."),
            Self::SlowDown => (
                "slow_down",
                "Wait 5 seconds longer than before between polls.",
            ),
            Self::Denied => ("access_denied", "The user denied the request."),
            Self::Expired => ("expired_token", "The device code has expired; begin again."),
        };
        WireError::new(400, error, description)
    }

    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Pending => "device_pending",
            Self::SlowDown => "device_slow_down",
            Self::Denied => "device_denied",
            Self::Expired => "device_code_expired",
        }
    }
}
