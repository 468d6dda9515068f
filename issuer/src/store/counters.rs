//! What was counted of failures, so that a restart gives nobody a new allowance.

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::clock::UnixSeconds;

/// What a counter is kept under: which kind it is, and a digest of what it counts.
pub type CounterName = [u8; 17];

/// A counter. What the numbers mean is the counter's own affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCounter {
    /// From when on it says nothing any more.
    #[serde(skip)]
    pub expires_at: UnixSeconds,
    /// How many.
    pub failures: u32,
    /// A moment.
    pub at: UnixSeconds,
}

/// Keeps counters. They block: it is one task that asks, away from requests.
pub trait CounterStore: Send + Sync {
    /// All that still say something, those first that stop saying it first.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    fn counters(&self, now: UnixSeconds) -> Result<Vec<(CounterName, StoredCounter)>, StoreError>;

    /// Writes counters, and removes those without a value. On disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`] when that is not known to be so.
    fn write_counters(
        &self,
        changes: &[(CounterName, Option<StoredCounter>)],
    ) -> Result<(), StoreError>;
}
