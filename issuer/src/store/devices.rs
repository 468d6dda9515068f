//! Device authorizations (RFC 8628).

use dockgate_token::{ClientId, Scope};
use serde::{Deserialize, Serialize};

use super::{GrantId, Login, Room, SecretDigest, SessionId, StoreError, StoredGrant, Swap};
use crate::clock::UnixSeconds;

/// What a device code stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDevice {
    /// When the record may go.
    pub expires_at: UnixSeconds,
    /// When the codes can no longer be used (`expires_in`).
    pub valid_until: UnixSeconds,
    /// The client that shows the user code.
    pub client_id: ClientId,
    /// What it asks for.
    pub scope: Scope,
    /// For which resource server.
    pub audience: String,
    /// The resources that were named.
    pub resources: Vec<String>,
    /// The user code, in the form in which it is compared.
    pub user_code: String,
    /// How long the client has to wait between two polls, in seconds (RFC 8628 §3.5).
    pub interval: u64,
    /// When it polled last.
    pub polled_at: UnixSeconds,
    /// What the user said.
    pub decision: DeviceDecision,
}

/// What the user said to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceDecision {
    /// Nothing yet.
    Pending,
    /// No.
    Denied,
    /// Yes, to this much.
    Approved {
        /// Who.
        subject: String,
        /// What.
        scope: Scope,
        /// How the user had logged in.
        login: Login,
        /// In which session.
        session: SessionId,
    },
    /// The client has its tokens.
    Redeemed,
}

/// Where device authorizations are kept.
pub trait DeviceStore: Send + Sync {
    /// Adds one; `Swap::Changed` when the user code is taken. On disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; the codes must then not be handed out. `Full` when too many are pending
    /// for there to be `room`.
    fn add_device(
        &self,
        device_code: SecretDigest,
        record: &StoredDevice,
        room: Room,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send;

    /// The authorization, if its record is there.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn device(
        &self,
        device_code: SecretDigest,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Option<StoredDevice>, StoreError>> + Send;

    /// The authorization of a user code, with the digest of its device code.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn device_of_user_code(
        &self,
        user_code: &str,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Option<(SecretDigest, StoredDevice)>, StoreError>> + Send;

    /// Replaces one in one atomic step if it is still `old`; on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; what is on disk is then either of the two.
    fn swap_device(
        &self,
        device_code: SecretDigest,
        old: &StoredDevice,
        new: &StoredDevice,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send;

    /// The same without waiting for the disk: for polls, of which nothing has to survive.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn note_poll(
        &self,
        device_code: SecretDigest,
        old: &StoredDevice,
        new: &StoredDevice,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send;

    /// Replaces one and adds the grant, both or neither, if it is still `old`; on disk when this
    /// returns.
    ///
    /// # Errors
    /// [`StoreError`]; the device code must then be taken as redeemed.
    fn redeem_device(
        &self,
        device_code: SecretDigest,
        old: &StoredDevice,
        new: &StoredDevice,
        grant: (GrantId, &StoredGrant),
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send;
}
