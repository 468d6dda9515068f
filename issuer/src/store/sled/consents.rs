//! Consents.

use dockgate_token::ClientId;

use super::super::{ConsentStore, StoreError, StoredConsent};
use super::{SledStore, records, short};
use crate::clock::UnixSeconds;

impl ConsentStore for SledStore {
    async fn consent(
        &self,
        subject: &str,
        client: &ClientId,
        now: UnixSeconds,
    ) -> Result<Option<StoredConsent>, StoreError> {
        self.tables.consents.live(&key(subject, client), now)
    }

    async fn put_consent(
        &self,
        subject: &str,
        client: &ClientId,
        consent: &StoredConsent,
    ) -> Result<(), StoreError> {
        let value = records::encode(consent.expires_at, consent)?;
        self.tables.consents.insert(&key(subject, client), value)?;
        self.flusher.durable().await
    }

    async fn remove_consent(&self, subject: &str, client: &ClientId) -> Result<(), StoreError> {
        self.tables.consents.remove(&key(subject, client))?;
        self.flusher.durable().await
    }
}

fn key(subject: &str, client: &ClientId) -> Vec<u8> {
    [short(subject), short(client.as_str())].concat()
}
