//! `[keys]`: how the signing keys are published, how long they live and how they are kept.

use std::collections::BTreeSet;

use dockgate_token::Algorithm;
use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::key_encryption::WrittenSecrets;
use super::located::{Located, Place};
use crate::keys::lifecycle::{CHECKPOINT, MAX_KEYS, Schedule};
use crate::keys::{KeySettings, Protection};
use crate::protocol::{AuthorizationServer, Lifetimes};

const DAY: u64 = 24 * 60 * 60;
/// Shorter would make more keys than verifiers can follow.
const SHORTEST_ROTATION: u64 = 10;
const LONGEST_ROTATION: u64 = 10 * 366 * DAY;

/// Algorithms that have a key from the first start on, used or not: a resource server can change
/// over without verifiers meeting a key they have not had time to fetch.
const ALWAYS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// Publication, life and safe-keeping of the keys.
#[derive(Clone, Debug)]
pub struct Keys {
    /// `jwks_max_age_seconds`: how long caches may keep the JWKS and the metadata, 1 to 86400
    /// seconds. Default 300: a key that is withdrawn is gone from caches five minutes later.
    pub jwks_max_age_seconds: u64,
    /// `publish_margin_seconds`: how much longer than that a key is published before it signs, 1 to
    /// 86400 seconds. Default 120: the filter fetches no more often than once in 60 seconds, give or
    /// take a tenth, and after a failure tries again for half a minute.
    pub publish_margin_seconds: u64,
    /// `rotation_seconds`: how long a key signs, 10 seconds to ten years; `None` is 0, no schedule.
    /// Default 30 days.
    pub rotation_seconds: Option<u64>,
    /// `clock_skew_seconds`: how far verifiers' clocks may be behind, 1 to 3600 seconds: so much
    /// longer than the tokens lives what they are checked with. Default 300, the most that the
    /// filter allows for.
    pub clock_skew_seconds: u64,
    /// What the private keys are sealed under.
    pub protection: Protection,
}

impl Keys {
    /// What the keeper of the keys is told.
    pub fn settings(&self, server: &AuthorizationServer) -> KeySettings {
        let algorithms: BTreeSet<_> = server.signing_algorithms().chain(ALWAYS).collect();
        KeySettings {
            schedule: Schedule {
                algorithms,
                rotation: self.rotation_seconds,
                cached_for: self.jwks_max_age_seconds,
                publish_margin: self.publish_margin_seconds,
                clock_skew: self.clock_skew_seconds,
                longest_token: longest(&server.lifetimes),
            },
            protection: self.protection.clone(),
        }
    }
}

/// Nothing else is signed than these two.
fn longest(lifetimes: &Lifetimes) -> u64 {
    lifetimes.access_token.max(lifetimes.id_token)
}

/// How the signing keys are published.
///
/// There is a key for RS256, ES256 and EdDSA from the first start on, and one for PS256 once a
/// resource server or a client asks for it. [keys.md](keys.md) describes how keys follow each other, how
/// they are sealed (`DOCKGATE_KEY_ENCRYPTION_SECRET`) and the command `key`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct KeysTable {
    /// How long caches may keep the JWKS and the metadata: a key that is withdrawn is gone from
    /// them five minutes later.
    pub(super) jwks_max_age_seconds: Option<Located<u64>>,
    /// How much longer than `jwks_max_age_seconds` a key is published before it signs: the filter
    /// fetches no more often than its `min_refresh_seconds` (60), give or take a tenth, and after a
    /// failure tries again for half a minute. Raise it with `min_refresh_seconds`.
    pub(super) publish_margin_seconds: Option<Located<u64>>,
    /// How long a key signs before the next one does; 0 is by command alone. The least is what the
    /// other settings leave time for, and never under 10: `check` says how much.
    pub(super) rotation_seconds: Option<Located<u64>>,
    /// How far the clocks of verifiers may be behind: so much longer than its tokens a key stays. The
    /// filter's own `clock_skew_seconds` is at most 300.
    pub(super) clock_skew_seconds: Option<Located<u64>>,
    /// Whether sealed keys are written in clear at the next start. The risk: whoever reads the store or a
    /// backup can then sign tokens.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    pub(super) unseal: Option<Located<bool>>,
    /// From the environment alone: a secret beside the store would seal nothing.
    #[serde(skip)]
    pub(super) secrets: WrittenSecrets,
}

impl KeysTable {
    pub(super) fn check(
        self,
        lifetimes: &Lifetimes,
        problems: &mut Problems,
        warnings: &mut Vec<String>,
    ) -> Keys {
        let mut seconds =
            |name, value, default, high| bounded(name, value, default, 1..=high, problems);
        let jwks_max_age_seconds =
            seconds("jwks_max_age_seconds", self.jwks_max_age_seconds, 300, DAY);
        let publish_margin_seconds = seconds(
            "publish_margin_seconds",
            self.publish_margin_seconds,
            120,
            DAY,
        );
        let clock_skew_seconds = seconds("clock_skew_seconds", self.clock_skew_seconds, 300, 3600);
        let shortest = Shortest {
            published: jwks_max_age_seconds + publish_margin_seconds,
            retired: longest(lifetimes) + clock_skew_seconds + CHECKPOINT,
        };
        Keys {
            jwks_max_age_seconds,
            publish_margin_seconds,
            rotation_seconds: rotation(self.rotation_seconds, &shortest, problems),
            clock_skew_seconds,
            protection: self.secrets.check(self.unseal, problems, warnings),
        }
    }
}

/// What a schedule has to leave time for, in seconds.
struct Shortest {
    /// How long a key is published before it signs.
    published: u64,
    /// How long one stays that has signed.
    retired: u64,
}

impl Shortest {
    /// As long again as a key is published, so that it is the only one that waits; and so long that no
    /// more keys are retired at once than there may be, beside the one that signs and the one that
    /// waits.
    fn rotation(&self) -> u64 {
        let retired = MAX_KEYS.saturating_sub(2).max(1) as u64;
        SHORTEST_ROTATION
            .max(2 * self.published)
            .max(self.retired.div_ceil(retired))
    }
}

fn rotation(
    written: Option<Located<u64>>,
    shortest: &Shortest,
    problems: &mut Problems,
) -> Option<u64> {
    let (seconds, place) = match written {
        None => (30 * DAY, Place::Absent),
        Some(Located { value: 0, .. }) => return None,
        Some(Located { value, place }) => (value, place),
    };
    let (low, high) = (shortest.rotation(), LONGEST_ROTATION);
    if !(low..=high).contains(&seconds) {
        let Shortest { published, retired } = shortest;
        let wrong = format!(
            "rotation_seconds is {seconds}; a key is published for {published} seconds before it signs, and stays for {retired} seconds after"
        );
        let instead = format!(
            "Write a number from {low} to {high}; the default is {}, and 0 rotates keys by command alone",
            30 * DAY
        );
        problems.add(&place, wrong, instead);
    }
    Some(seconds)
}
