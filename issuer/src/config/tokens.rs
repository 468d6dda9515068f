//! `[tokens]`: lifetimes.

use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::located::Located;
use crate::protocol::Lifetimes;

const DAY: u64 = 24 * 60 * 60;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokensTable {
    /// Lifetime of access tokens, 30 to 86400 seconds. Default 600: nothing but the end of its
    /// life stops a token at Envoy, and ten minutes bound what a stolen one is worth.
    pub(super) access_token_seconds: Option<Located<u64>>,
    /// Lifetime of ID tokens, 30 to 86400 seconds. Default 600: a client looks at one once, when
    /// it comes.
    pub(super) id_token_seconds: Option<Located<u64>>,
    /// Lifetime of authorization codes, 10 to 600 seconds. Default 60: a client redeems a code as
    /// soon as the browser brings it (RFC 6749 §4.1.2 allows ten minutes at most).
    pub(super) code_seconds: Option<Located<u64>>,
    /// How long a refresh token may go unused, 60 seconds to a year. Default 30 days: who has not
    /// used an application for a month can log in again.
    pub(super) refresh_idle_seconds: Option<Located<u64>>,
    /// How long refreshing may go on after a login, 60 seconds to five years. Default 180 days.
    pub(super) refresh_absolute_seconds: Option<Located<u64>>,
    /// How long after its rotation a refresh token may come again without being taken as stolen, 0
    /// to 3600 seconds. Default 30: two tabs that refresh at once, or an answer lost on the way,
    /// must not log anybody out. The risk: within it, a thief who is as quick as the client gets
    /// the same successor, and the theft shows only at the next rotation. 0 is strict
    /// (RFC 9700 §4.14.2): any second use revokes the family.
    pub(super) refresh_grace_seconds: Option<Located<u64>>,
    /// How long a login may go unused, 60 seconds to 30 days. Default 12 hours: a working day.
    pub(super) session_idle_seconds: Option<Located<u64>>,
    /// How long a login may last, 60 seconds to a year. Default 7 days.
    pub(super) session_absolute_seconds: Option<Located<u64>>,
    /// Lifetime of device and user codes, 60 to 1800 seconds. Default 600: time to find a phone
    /// and log in (RFC 8628 §3.2).
    pub(super) device_code_seconds: Option<Located<u64>>,
    /// Lifetime of pushed authorization requests, 10 to 600 seconds. Default 90 for a redirect
    /// that follows at once; a user who is shown a page has as long as the page lives
    /// (RFC 9126 §2.2).
    pub(super) pushed_request_seconds: Option<Located<u64>>,
    /// How long a consent is remembered, 0 to five years. Default a year; 0 asks every time.
    pub(super) consent_seconds: Option<Located<u64>>,
}

impl TokensTable {
    pub(super) fn check(self, problems: &mut Problems) -> Lifetimes {
        let default = Lifetimes::default();
        let mut seconds =
            |name, value, default, low, high| bounded(name, value, default, low..=high, problems);
        Lifetimes {
            access_token: seconds(
                "access_token_seconds",
                self.access_token_seconds,
                default.access_token,
                30,
                DAY,
            ),
            id_token: seconds(
                "id_token_seconds",
                self.id_token_seconds,
                default.id_token,
                30,
                DAY,
            ),
            code: seconds("code_seconds", self.code_seconds, default.code, 10, 600),
            refresh_idle: seconds(
                "refresh_idle_seconds",
                self.refresh_idle_seconds,
                default.refresh_idle,
                60,
                366 * DAY,
            ),
            refresh_absolute: seconds(
                "refresh_absolute_seconds",
                self.refresh_absolute_seconds,
                default.refresh_absolute,
                60,
                5 * 366 * DAY,
            ),
            refresh_grace: seconds(
                "refresh_grace_seconds",
                self.refresh_grace_seconds,
                default.refresh_grace,
                0,
                3600,
            ),
            session_idle: seconds(
                "session_idle_seconds",
                self.session_idle_seconds,
                default.session_idle,
                60,
                30 * DAY,
            ),
            session_absolute: seconds(
                "session_absolute_seconds",
                self.session_absolute_seconds,
                default.session_absolute,
                60,
                366 * DAY,
            ),
            device_code: seconds(
                "device_code_seconds",
                self.device_code_seconds,
                default.device_code,
                60,
                1800,
            ),
            pushed_request: seconds(
                "pushed_request_seconds",
                self.pushed_request_seconds,
                default.pushed_request,
                10,
                600,
            ),
            consent: seconds(
                "consent_seconds",
                self.consent_seconds,
                default.consent,
                0,
                5 * 366 * DAY,
            ),
        }
    }
}
