//! `[audit]`: how much of the audit log is kept.

use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::located::Located;
use crate::store::AuditLimits;

const DAY: u64 = 24 * 60 * 60;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditTable {
    /// Default 100 000: a week at ten acts a minute.
    pub(super) max_entries: Option<Located<u64>>,
    /// Default 90 days: an incident is often found only weeks after it.
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
