//! `[keys]`: how the signing keys are published.

use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::located::Located;

/// Publication of the keys.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    /// `jwks_max_age_seconds`: how long caches may keep the JWKS and the metadata, 1 to 86400
    /// seconds. Default 300: a key that is withdrawn is gone from caches five minutes later.
    pub jwks_max_age_seconds: u64,
}

/// How the signing keys are published.
///
/// There is a key for RS256, ES256 and EdDSA from the first start on, and one for PS256 once a
/// resource server or a client asks for it. They are not rotated yet.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct KeysTable {
    /// How long caches may keep the JWKS and the metadata: a key that is withdrawn is gone from
    /// them five minutes later.
    pub(super) jwks_max_age_seconds: Option<Located<u64>>,
}

impl KeysTable {
    pub(super) fn check(self, problems: &mut Problems) -> Keys {
        let jwks_max_age_seconds = bounded(
            "jwks_max_age_seconds",
            self.jwks_max_age_seconds,
            300,
            1..=86_400,
            problems,
        );
        Keys {
            jwks_max_age_seconds,
        }
    }
}
