//! How long things live, in seconds.

/// Lifetimes, in seconds; defaults and their reasons are in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Access tokens.
    pub access_token: u64,
    /// ID tokens.
    pub id_token: u64,
    /// Authorization codes (RFC 6749 §4.1.2: ten minutes at most).
    pub code: u64,
    /// How long a refresh token may go unused.
    pub refresh_idle: u64,
    /// How long a family of refresh tokens may live, however much it is used.
    pub refresh_absolute: u64,
    /// How long after its rotation a refresh token may come again without being taken as stolen;
    /// 0 is strict (RFC 9700 §4.14.2).
    pub refresh_grace: u64,
    /// How long a login session may go unused.
    pub session_idle: u64,
    /// How long a login session may live.
    pub session_absolute: u64,
    /// Device and user codes (RFC 8628 §3.2).
    pub device_code: u64,
    /// Pushed authorization requests (RFC 9126 §2.2).
    pub pushed_request: u64,
    /// How long a consent is remembered.
    pub consent: u64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            access_token: 600,
            id_token: 600,
            code: 60,
            refresh_idle: 30 * DAY,
            refresh_absolute: 180 * DAY,
            refresh_grace: 30,
            session_idle: DAY / 2,
            session_absolute: 7 * DAY,
            device_code: 600,
            pushed_request: 90,
            consent: 365 * DAY,
        }
    }
}

const DAY: u64 = 24 * 60 * 60;
