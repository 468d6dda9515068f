//! Pushed authorization requests (RFC 9126).

use dockgate_token::ClientId;
use serde::{Deserialize, Serialize};

use super::{Room, SecretDigest, StoreError};
use crate::clock::UnixSeconds;

/// A request that waits for its user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPushedRequest {
    /// When it can no longer be used.
    pub expires_at: UnixSeconds,
    /// The client that pushed it, authenticated.
    pub client_id: ClientId,
    /// The parameters of the authorization request, form-encoded.
    pub parameters: String,
}

/// Where pushed requests are kept.
pub trait PushedRequestStore: Send + Sync {
    /// Adds one. It is on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; its reference must then not be handed out. `Full` when too many wait
    /// for there to be `room`.
    fn add_pushed_request(
        &self,
        reference: SecretDigest,
        record: &StoredPushedRequest,
        room: Room,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The request, if it has not expired or been used.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn pushed_request(
        &self,
        reference: SecretDigest,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Option<StoredPushedRequest>, StoreError>> + Send;

    /// Uses it up in one atomic step; `false` when somebody has already. On disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; it must then be taken as used.
    fn consume_pushed_request(
        &self,
        reference: SecretDigest,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
