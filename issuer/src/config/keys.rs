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

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeysTable {
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
