//! Clients and users that were added while the issuer ran.

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::clock::UnixSeconds;

/// A client that is not in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredClient {
    /// Its id, which never changes.
    pub client_id: String,
    /// Written as one of the `[[clients]]` of the configuration.
    pub table: String,
    /// When it was added.
    pub added_at: UnixSeconds,
    /// Whether it counts as if it were not there.
    pub disabled: bool,
    /// Who added it.
    pub added_by: AddedBy,
}

/// Who added a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AddedBy {
    /// The operator, by a command.
    Operator,
    /// The client itself (RFC 7591).
    Registration,
}

/// A user who is not in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredUser {
    /// The name to log in with, which never changes.
    pub username: String,
    /// Written as one of the `[[users]]` of the configuration.
    pub table: String,
    /// When the user was added.
    pub added_at: UnixSeconds,
    /// Whether the user counts as if not there.
    pub disabled: bool,
}

/// Where they are kept. Writes are on disk when they return, which may take as long as the disk takes:
/// call them where blocking is no harm.
pub trait AdditionStore: Send + Sync {
    /// Every client, by id.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    fn added_clients(&self) -> Result<Vec<StoredClient>, StoreError>;

    /// The client of that id.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    fn added_client(&self, client_id: &str) -> Result<Option<StoredClient>, StoreError>;

    /// Adds a client, or replaces the one of that id.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there are as many as may be, and others when the store fails.
    fn put_added_client(&self, client: &StoredClient) -> Result<(), StoreError>;

    /// Takes a client away. `false` if there was none.
    ///
    /// # Errors
    /// [`StoreError`]; it may then still be there.
    fn remove_added_client(&self, client_id: &str) -> Result<bool, StoreError>;

    /// Every user, by name.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    fn added_users(&self) -> Result<Vec<StoredUser>, StoreError>;

    /// The user of that name.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    fn added_user(&self, username: &str) -> Result<Option<StoredUser>, StoreError>;

    /// Adds a user, or replaces the one of that name.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there are as many as may be, and others when the store fails.
    fn put_added_user(&self, user: &StoredUser) -> Result<(), StoreError>;

    /// Takes a user away. `false` if there was none.
    ///
    /// # Errors
    /// [`StoreError`]; the user may then still be there.
    fn remove_added_user(&self, username: &str) -> Result<bool, StoreError>;
}
