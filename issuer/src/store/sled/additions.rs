//! Clients and users that were added while the issuer ran.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::{AdditionStore, StoreError, StoredClient, StoredUser};
use super::counts::Count;
use super::table::Table;
use super::{SledStore, records};
use crate::clock::UnixSeconds;

/// They stay until somebody takes them away.
pub(super) const NEVER: UnixSeconds = UnixSeconds::MAX;

impl AdditionStore for SledStore {
    fn added_clients(&self) -> Result<Vec<StoredClient>, StoreError> {
        all(&self.tables.added_clients)
    }

    fn added_client(&self, client_id: &str) -> Result<Option<StoredClient>, StoreError> {
        one(&self.tables.added_clients, client_id)
    }

    fn put_added_client(&self, client: &StoredClient) -> Result<(), StoreError> {
        let (table, count) = (&self.tables.added_clients, &self.counts.added_clients);
        put(table, count, &client.client_id, client)?;
        self.flusher.durable_blocking()
    }

    fn remove_added_client(&self, client_id: &str) -> Result<bool, StoreError> {
        let (table, count) = (&self.tables.added_clients, &self.counts.added_clients);
        let removed = remove(table, count, client_id)?;
        // Alone it means nothing.
        self.tables.registrations.remove(client_id.as_bytes())?;
        self.flusher.durable_blocking()?;
        Ok(removed)
    }

    fn added_users(&self) -> Result<Vec<StoredUser>, StoreError> {
        all(&self.tables.added_users)
    }

    fn added_user(&self, username: &str) -> Result<Option<StoredUser>, StoreError> {
        one(&self.tables.added_users, username)
    }

    fn put_added_user(&self, user: &StoredUser) -> Result<(), StoreError> {
        let (table, count) = (&self.tables.added_users, &self.counts.added_users);
        put(table, count, &user.username, user)?;
        self.flusher.durable_blocking()
    }

    fn remove_added_user(&self, username: &str) -> Result<bool, StoreError> {
        let (table, count) = (&self.tables.added_users, &self.counts.added_users);
        let removed = remove(table, count, username)?;
        self.flusher.durable_blocking()?;
        Ok(removed)
    }
}

fn all<T: DeserializeOwned>(table: &Table) -> Result<Vec<T>, StoreError> {
    let rows = table.rows(None, usize::MAX)?;
    rows.iter().map(|(_, value)| table.decode(value)).collect()
}

pub(super) fn one<T: DeserializeOwned>(table: &Table, name: &str) -> Result<Option<T>, StoreError> {
    let value = table.get(name.as_bytes())?;
    value.map(|value| table.decode(&value)).transpose()
}

/// One that is there already takes no second place.
pub(super) fn put<T: Serialize>(
    table: &Table,
    count: &Count,
    name: &str,
    record: &T,
) -> Result<(), StoreError> {
    let value = records::encode(NEVER, record)?;
    let place = match table.get(name.as_bytes())? {
        None => Some(count.take()?),
        Some(_) => None,
    };
    table.insert(name.as_bytes(), value)?;
    if let Some(place) = place {
        place.keep();
    }
    Ok(())
}

fn remove(table: &Table, count: &Count, name: &str) -> Result<bool, StoreError> {
    let removed = table.remove(name.as_bytes())?.is_some();
    if removed {
        count.release();
    }
    Ok(removed)
}
