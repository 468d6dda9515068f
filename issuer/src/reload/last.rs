//! How the last reload went, as two gauges that an alert can be made of.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::clock::UnixSeconds;

/// How the last reload went. The start counts as one that succeeded.
#[derive(Debug)]
pub struct LastReload {
    succeeded: AtomicBool,
    success_at: AtomicU64,
}

/// What [`LastReload`] says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the file that was read last is the one that counts.
    pub succeeded: bool,
    /// Since when the one that counts does so.
    pub success_at: UnixSeconds,
}

impl LastReload {
    pub(super) fn at_start(now: UnixSeconds) -> Self {
        Self {
            succeeded: AtomicBool::new(true),
            success_at: AtomicU64::new(now),
        }
    }

    pub(super) fn succeeded(&self, now: UnixSeconds) {
        self.success_at.store(now, Ordering::Relaxed);
        self.succeeded.store(true, Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        self.succeeded.store(false, Ordering::Relaxed);
    }

    /// How it went.
    pub fn outcome(&self) -> Outcome {
        Outcome {
            succeeded: self.succeeded.load(Ordering::Relaxed),
            success_at: self.success_at.load(Ordering::Relaxed),
        }
    }
}
