//! Registrations of clients, each beside its client.

use super::super::{RegistrationStore, StoreError, StoredClient, StoredRegistration, Swap};
use super::additions::{NEVER, one, put};
use super::{SledStore, records};
use crate::clock::UnixSeconds;

/// How many are read at once.
const AT_ONCE: usize = 128;

impl RegistrationStore for SledStore {
    async fn add_registered_client(
        &self,
        client: &StoredClient,
        registration: &StoredRegistration,
    ) -> Result<(), StoreError> {
        let id = client.client_id.as_str();
        let value = records::encode(NEVER, registration)?;
        let registrations = &self.tables.registrations;
        // Alone it means nothing, while a client without it would belong to nobody.
        registrations.insert(id.as_bytes(), value)?;
        let (table, count) = (&self.tables.added_clients, &self.counts.added_clients);
        if let Err(error) = put(table, count, id, client) {
            registrations.remove(id.as_bytes())?;
            return Err(error);
        }
        self.flusher.durable().await
    }

    fn registration(&self, client_id: &str) -> Result<Option<StoredRegistration>, StoreError> {
        one(&self.tables.registrations, client_id)
    }

    fn unused_registrations(&self) -> Result<Vec<(String, UnixSeconds)>, StoreError> {
        let table = &self.tables.registrations;
        let mut unused = Vec::new();
        let mut after = None;
        loop {
            let rows = table.rows(after.as_deref(), AT_ONCE)?;
            for (key, value) in &rows {
                let registration: StoredRegistration = table.decode(value)?;
                let id = String::from_utf8(key.to_vec()).map_err(|_| table.unreadable())?;
                if !registration.used {
                    unused.push((id, registration.registered_at));
                }
            }
            match rows.last() {
                Some((key, _)) => after = Some(key.clone()),
                None => return Ok(unused),
            }
        }
    }

    fn change_registered_client(
        &self,
        client: &StoredClient,
        old: &StoredRegistration,
        new: &StoredRegistration,
    ) -> Result<Swap, StoreError> {
        let id = client.client_id.as_str();
        let expected = records::encode(NEVER, old)?;
        let value = records::encode(NEVER, new)?;
        // After a crash between the two the client is as before and is told of what it sent last:
        // nobody was told that it had been changed.
        let swapped = self
            .tables
            .registrations
            .swap(id.as_bytes(), (old, expected), &value)?;
        if !swapped {
            return Ok(Swap::Changed);
        }
        let (table, count) = (&self.tables.added_clients, &self.counts.added_clients);
        put(table, count, id, client)?;
        self.flusher.durable_blocking()?;
        Ok(Swap::Done)
    }

    async fn note_use(&self, client_id: &str) -> Result<(), StoreError> {
        let table = &self.tables.registrations;
        while let Some(old) = one::<StoredRegistration>(table, client_id)? {
            if old.used {
                break;
            }
            let new = StoredRegistration {
                used: true,
                ..old.clone()
            };
            let expected = records::encode(NEVER, &old)?;
            let value = records::encode(NEVER, &new)?;
            if table.swap(client_id.as_bytes(), (&old, expected), &value)? {
                break;
            }
        }
        self.flusher.durable().await
    }
}
