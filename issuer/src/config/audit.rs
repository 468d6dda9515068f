//! `[audit]`: how much of the audit log is kept.

use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::located::Located;
use crate::store::AuditLimits;

const DAY: u64 = 24 * 60 * 60;

/// How much of the [audit log](observability.md#audit-log) is kept.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct AuditTable {
    /// How many entries of acts are kept, and as many of attempts, so that neither pushes the other
    /// out; the oldest go. A week at ten acts a minute.
    pub(super) max_entries: Option<Located<u64>>,
    /// How long each is kept: an incident is often found only weeks after it.
    pub(super) keep_seconds: Option<Located<u64>>,
}

impl AuditTable {
    pub(super) fn check(self, problems: &mut Problems) -> AuditLimits {
        let default = AuditLimits::default();
        let most = u64::try_from(default.max_entries).unwrap_or(u64::MAX);
        let most = bounded(
            "audit.max_entries",
            self.max_entries,
            most,
            100..=10_000_000,
            problems,
        );
        AuditLimits {
            max_entries: usize::try_from(most).unwrap_or(usize::MAX),
            keep_seconds: bounded(
                "audit.keep_seconds",
                self.keep_seconds,
                default.keep_seconds,
                DAY..=5 * 366 * DAY,
                problems,
            ),
        }
    }
}
