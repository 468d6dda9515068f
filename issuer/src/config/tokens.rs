//! `[tokens]`: lifetimes.

use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::located::Located;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokensTable {
    /// Lifetime of access tokens, 30 to 86400 seconds. Default 600: nothing but the end of its
    /// life stops a token at Envoy, and ten minutes bound what a stolen one is worth.
    pub(super) access_token_seconds: Option<Located<u64>>,
}

impl TokensTable {
    pub(super) fn check(self, problems: &mut Problems) -> u64 {
        bounded(
            "access_token_seconds",
            self.access_token_seconds,
            600,
            30..=86_400,
            problems,
        )
    }
}
