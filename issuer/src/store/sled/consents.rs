//! Consents.

use std::collections::HashSet;

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

    async fn consents_of(
        &self,
        subject: &str,
        clients: &[ClientId],
        now: UnixSeconds,
    ) -> Result<Vec<(ClientId, StoredConsent)>, StoreError> {
        let there = self.tables.consents.keys_under(&short(subject))?;
        let there: HashSet<&[u8]> = there.iter().map(AsRef::as_ref).collect();
        let mut consents = Vec::new();
        for client in clients {
            let key = key(subject, client);
            if there.contains(key.as_slice())
                && let Some(consent) = self.tables.consents.live(&key, now)?
            {
                consents.push((client.clone(), consent));
            }
        }
        Ok(consents)
    }

    async fn end_access(
        &self,
        subject: &str,
        client: &ClientId,
        now: UnixSeconds,
        until: UnixSeconds,
    ) -> Result<(), StoreError> {
        let key = key(subject, client);
        // The note is first: without it a code on its way could outlive the consent.
        let note = records::encode(until, &now)?;
        self.tables.access_ends.insert(&key, note)?;
        self.tables.consents.remove(&key)?;
        self.flusher.durable().await
    }

    async fn access_ended_at(
        &self,
        subject: &str,
        client: &ClientId,
    ) -> Result<Option<UnixSeconds>, StoreError> {
        let note = self.tables.access_ends.get(&key(subject, client))?;
        note.map(|note| self.tables.access_ends.decode(&note))
            .transpose()
    }

    async fn remove_consent(&self, subject: &str, client: &ClientId) -> Result<(), StoreError> {
        self.tables.consents.remove(&key(subject, client))?;
        self.flusher.durable().await
    }
}

fn key(subject: &str, client: &ClientId) -> Vec<u8> {
    [short(subject), short(client.as_str())].concat()
}
