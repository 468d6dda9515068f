//! `[tokens]`: lifetimes.

use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::located::Located;
use crate::protocol::Lifetimes;

const DAY: u64 = 24 * 60 * 60;

/// How long things live, in seconds.
///
/// An access token never outlives its grant, whatever `access_token_seconds` says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TokensTable {
    /// Nothing but the end of its life stops a token at Envoy: ten minutes bound what a stolen one
    /// is worth.
    pub(super) access_token_seconds: Option<Located<u64>>,
    /// A client looks at one once, when it comes.
    pub(super) id_token_seconds: Option<Located<u64>>,
    /// A client redeems a code as soon as the browser brings it (RFC 6749 §4.1.2: ten minutes at
    /// most).
    pub(super) code_seconds: Option<Located<u64>>,
    /// How long a refresh token may go unused: who has not used an application for a month can log
    /// in again.
    pub(super) refresh_idle_seconds: Option<Located<u64>>,
    /// How long refreshing may go on after a login.
    pub(super) refresh_absolute_seconds: Option<Located<u64>>,
    /// The window of [Refresh tokens](issuer.md#refresh-tokens), in which a second use is not taken
    /// for theft: two tabs that refresh at once, or an answer lost on the way, must not log anybody
    /// out. The risk: within it, a thief who is as quick as the client gets the same successor, and
    /// the theft shows only at the next rotation. 0 is strict (RFC 9700 §4.14.2).
    pub(super) refresh_grace_seconds: Option<Located<u64>>,
    /// How long a login may go unused: a working day.
    pub(super) session_idle_seconds: Option<Located<u64>>,
    /// How long a login may last.
    pub(super) session_absolute_seconds: Option<Located<u64>>,
    /// Time to find a phone and log in (RFC 8628 §3.2).
    pub(super) device_code_seconds: Option<Located<u64>>,
    /// For a redirect that follows at once; a user who was shown a page has an hour (RFC 9126
    /// §2.2).
    pub(super) pushed_request_seconds: Option<Located<u64>>,
    /// How long a consent is remembered; 0 asks every time.
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
