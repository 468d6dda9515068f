//! `[passwords]`: how much work logins may make.

use std::thread;

use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::located::Located;

/// How many passwords are checked at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordLimits {
    /// `max_concurrent`: passwords that are hashed at the same time, 1 to 64. 32 more wait for up
    /// to 3 seconds; further ones are answered 503 with `Retry-After`. Default: one less than there
    /// are cores, at least one, so that a flood of logins leaves a core to everything else. The
    /// memory of logins is at most this many times the largest `m` among the `password_hash`es:
    /// 19 MiB each with the recommended setting, with which hashes are made anew too. It is kept
    /// once it was needed.
    pub max_concurrent: usize,
}

/// How much work logins may make.
///
/// Guesses are slowed down by where they come from, and so that nobody is locked out by others:
/// [limits.md](limits.md) has how, with the numbers.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PasswordsTable {
    /// How many passwords are hashed at the same time, so that a flood of logins leaves a core to
    /// everything else. 32 more wait for up to 3 seconds; further ones get 503 with `Retry-After`.
    /// Each takes the memory that its hash names (19 MiB with the recommended setting), which is
    /// kept once it was needed.
    #[cfg_attr(test, schemars(extend("x-default" = "cores − 1, at least 1", "examples" = [3])))]
    pub(super) max_concurrent: Option<Located<u64>>,
}

impl PasswordsTable {
    pub(super) fn check(self, problems: &mut Problems) -> PasswordLimits {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let default = u64::try_from(cores.saturating_sub(1)).unwrap_or(1);
        let max_concurrent = bounded(
            "passwords.max_concurrent",
            self.max_concurrent,
            default.clamp(1, 64),
            1..=64,
            problems,
        );
        PasswordLimits {
            max_concurrent: usize::try_from(max_concurrent).unwrap_or(1),
        }
    }
}
