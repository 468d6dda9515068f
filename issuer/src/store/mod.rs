//! What has to survive a restart, behind narrow traits: one per concern, so that a second store
//! can be added without touching its users.
//!
//! Acknowledged means durable: a write method returns only when its data is on disk.

mod error;
mod private;
mod signing_keys;
mod sled;

pub use error::StoreError;
pub use signing_keys::{PrivateKey, SigningKeyStore, StoredSigningKey};
pub use sled::SledStore;

/// Whether the store answers at all; behind the readiness probe.
pub trait Reachable: Send + Sync {
    /// Reads one small record.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn reach(&self) -> Result<(), StoreError>;
}
