//! How much the cache of verified tokens may hold.

use serde::Deserialize;

use super::error::ConfigError;

/// Bounds of the cache of verified tokens, for each worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CacheLimits {
    /// 0: nothing is cached.
    pub(crate) max_entries: usize,
    /// Tokens with all that is kept of them, in bytes.
    pub(crate) max_bytes: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawCache {
    /// 0 to 1 000 000. Ten thousand tokens of a usual size fit into the default of `max_bytes`.
    max_entries: usize,
    /// 65 536 to 1 073 741 824. With V8's own 40 MiB the default keeps a worker small.
    max_bytes: usize,
}

impl Default for RawCache {
    fn default() -> Self {
        Self {
            max_entries: 10_000,
            max_bytes: 16 * 1024 * 1024,
        }
    }
}

impl RawCache {
    pub(super) fn validate(self) -> Result<CacheLimits, ConfigError> {
        let Self {
            max_entries,
            max_bytes,
        } = self;
        if max_entries > MAX_ENTRIES {
            return Err(ConfigError::new(
                "max_entries",
                format!("{max_entries} is out of range: use 0 to {MAX_ENTRIES}"),
            ));
        }
        if !(MIN_BYTES..=MAX_BYTES).contains(&max_bytes) {
            return Err(ConfigError::new(
                "max_bytes",
                format!("{max_bytes} is out of range: use {MIN_BYTES} to {MAX_BYTES}"),
            ));
        }
        Ok(CacheLimits {
            max_entries,
            max_bytes,
        })
    }
}

const MAX_ENTRIES: usize = 1_000_000;
/// One token of the greatest size that `max_token_bytes` may allow.
const MIN_BYTES: usize = 64 * 1024;
/// A quarter of what a Wasm module can address.
const MAX_BYTES: usize = 1024 * 1024 * 1024;
