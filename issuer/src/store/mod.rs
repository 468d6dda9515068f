//! What has to survive a restart, behind narrow traits: one per concern, so that a second store
//! can be added without touching its users.
//!
//! Acknowledged means durable: a write method returns only when its data is on disk. Single-use
//! state is consumed in one atomic call, never checked and then deleted.

use crate::clock::UnixSeconds;

mod additions;
mod audit;
pub mod backup;
mod codes;
mod consents;
mod counters;
mod devices;
mod ending;
mod error;
mod grants;
mod ids;
mod once;
mod private;
mod pushed;
mod registrations;
mod room;
mod sessions;
mod signing_keys;
mod sled;

pub use additions::{AddedBy, AdditionStore, StoredClient, StoredUser};
pub use audit::{
    AuditEntry, AuditFilter, AuditLimits, AuditPage, AuditStore, MAX_AUDIT_PAGE, StoredAudit,
};
pub use codes::{CodeStore, Redemption, StoredCode};
pub use consents::{ConsentStore, StoredConsent};
pub use counters::{CounterName, CounterStore, StoredCounter};
pub use devices::{DeviceDecision, DeviceStore, StoredDevice};
pub use ending::{Consents, EndStore, Ended, Whose};
pub use error::StoreError;
pub use grants::{GrantStore, Login, Predecessor, RefreshFamily, Retired, StoredGrant, Swap};
pub use ids::{GrantId, SecretDigest, SessionId};
pub use once::OnceStore;
pub use pushed::{PushedRequestStore, StoredPushedRequest};
pub use registrations::{RegistrationStore, StoredRegistration};
pub use room::Room;
pub use sessions::{
    BrowserFamily, ListedSession, SessionNote, SessionStore, StoredSession, SystemFamily,
};
pub use signing_keys::{
    Acts, KeyLife, KeyMaterial, KeyState, PrivateKey, SealedKey, SigningKeyStore, StoredSigningKey,
};
pub use sled::SledStore;

/// All that the protocol keeps.
pub trait ProtocolStore:
    GrantStore
    + CodeStore
    + SessionStore
    + ConsentStore
    + DeviceStore
    + PushedRequestStore
    + OnceStore
    + AuditStore
    + 'static
{
}

impl<S> ProtocolStore for S where
    S: GrantStore
        + CodeStore
        + SessionStore
        + ConsentStore
        + DeviceStore
        + PushedRequestStore
        + OnceStore
        + AuditStore
        + 'static
{
}

/// Removal of what has expired. A store grows with what is alive, not with what ever was.
pub trait Sweep: Send + Sync {
    /// Looks at no more than `budget` records, going on where the last call ended, and removes
    /// those that have expired at `now`. Nothing waits for the disk: what has expired counts as
    /// gone whether it has been removed or not.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn sweep(&self, now: UnixSeconds, budget: usize) -> Result<Swept, StoreError>;
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Records looked at.
    pub seen: usize,
    /// Records removed.
    pub removed: usize,
}

/// How the store is: whether it answers at all, for the readiness probe, and what it does.
pub trait Reachable: Send + Sync {
    /// Reads one small record.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn reach(&self) -> Result<(), StoreError>;

    /// How many times writes have been put on disk since the start; one flush serves all who wait.
    fn flushes(&self) -> u64;
}

/// 256 random bits that are made once for this store and stay: what sealed page state depends on.
pub trait PageSecretStore {
    /// The secret; `fresh` becomes it where there is none. On disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`] when it can be neither read nor written.
    fn page_secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError>;
}
