//! What users have agreed to, per client.

use dockgate_token::{ClientId, Scope};
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::clock::UnixSeconds;

/// What one user has agreed to for one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredConsent {
    /// When it is forgotten and the user is asked again.
    pub expires_at: UnixSeconds,
    /// The scopes agreed to, at once or one after the other.
    pub scope: Scope,
    /// The redirect URIs, as registered, that it was given for.
    pub redirect_uris: Vec<String>,
}

/// Where consents are kept. Writes are on disk when they return.
pub trait ConsentStore: Send + Sync {
    /// What the user has agreed to, if it is remembered.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn consent(
        &self,
        subject: &str,
        client: &ClientId,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Option<StoredConsent>, StoreError>> + Send;

    /// Remembers a consent in the place of the one before.
    ///
    /// # Errors
    /// [`StoreError`]; the consent must then not be acted upon.
    fn put_consent(
        &self,
        subject: &str,
        client: &ClientId,
        consent: &StoredConsent,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What the user has agreed to for each of these clients, as far as anything is remembered.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn consents_of(
        &self,
        subject: &str,
        clients: &[ClientId],
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Vec<(ClientId, StoredConsent)>, StoreError>> + Send;

    /// Forgets a consent, and notes until `until` that the client's access ended at `now`.
    ///
    /// # Errors
    /// [`StoreError`]; the access may then not have ended.
    fn end_access(
        &self,
        subject: &str,
        client: &ClientId,
        now: UnixSeconds,
        until: UnixSeconds,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// When the user ended the access of a client, if that was a short time ago.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn access_ended_at(
        &self,
        subject: &str,
        client: &ClientId,
    ) -> impl Future<Output = Result<Option<UnixSeconds>, StoreError>> + Send;

    /// Forgets a consent.
    ///
    /// # Errors
    /// [`StoreError`]; it may then still be remembered.
    fn remove_consent(
        &self,
        subject: &str,
        client: &ClientId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
