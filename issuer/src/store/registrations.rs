//! What clients that registered themselves have beside what every client has.

use serde::{Deserialize, Serialize};

use super::{SecretDigest, StoreError, StoredClient, Swap};
use crate::clock::UnixSeconds;

/// The registration of a client (RFC 7591).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRegistration {
    /// The registration access token (RFC 7592 §2).
    pub access_token: SecretDigest,
    /// The client's secret, if it has one.
    pub client_secret: Option<SecretDigest>,
    /// When the client registered.
    pub registered_at: UnixSeconds,
    /// Whether it ever had a token.
    pub used: bool,
    /// What is registered, as JSON.
    pub metadata: String,
}

/// Where they are kept. Writes are on disk when they return.
pub trait RegistrationStore: Send + Sync {
    /// Adds a client with its registration.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there are as many clients as may be, and others when the store fails.
    fn add_registered_client(
        &self,
        client: &StoredClient,
        registration: &StoredRegistration,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The registration of that client, if it registered itself.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    fn registration(&self, client_id: &str) -> Result<Option<StoredRegistration>, StoreError>;

    /// The clients that never had a token, and when each registered.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    fn unused_registrations(&self) -> Result<Vec<(String, UnixSeconds)>, StoreError>;

    /// Replaces what is registered, if it is still `old`, and the client with it. Call it where
    /// blocking is no harm.
    ///
    /// # Errors
    /// [`StoreError`]; what is on disk is then either of the two.
    fn change_registered_client(
        &self,
        client: &StoredClient,
        old: &StoredRegistration,
        new: &StoredRegistration,
    ) -> Result<Swap, StoreError>;

    /// Notes that a client has had a token. One that is gone stays gone.
    ///
    /// # Errors
    /// [`StoreError`].
    fn note_use(&self, client_id: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}
