//! The task that keeps hashes of passwords that were made anew at logins.

use std::fmt;

use tokio::task::spawn_blocking;
use tracing::{info, warn};

use crate::additions;
use crate::http::{Current, NotReplaced};
use crate::passwords::{Renewal, Renewals};
use crate::store::{AdditionStore as _, StoreError};

/// Keeps each, for as long as there are logins. Nobody waits for it: who has logged in goes on, and
/// what cannot be kept is made again at the next login.
pub async fn keep_renewed(current: Current, mut renewals: Renewals) {
    while let Some(renewal) = renewals.recv().await {
        let current = current.clone();
        match spawn_blocking(move || keep(&current, &renewal)).await {
            Ok(Ok(Some(subject))) => info!(sub = subject, "a password was hashed anew"),
            Ok(Ok(None)) | Err(_) => {}
            Ok(Err(error)) => warn!(%error, "a password's new hash could not be kept"),
        }
    }
}

/// Puts the new hash in the place of the old one, in the store first: the password is the same, so
/// nothing ends and nothing is put on record. The subject of whom it was done for; `None` where that
/// hash is no longer the user's, as an operator may have given another password meanwhile.
fn keep(current: &Current, renewal: &Renewal) -> Result<Option<String>, NotKept> {
    current.update(|app| {
        let Some(mut stored) = app.store.added_user(&renewal.username)? else {
            return Ok(None);
        };
        let mut table: toml::Table = stored.table.parse().map_err(|_| NotKept::Unreadable)?;
        let own = table.get("password_hash").and_then(toml::Value::as_str);
        if stored.disabled || own != Some(&renewal.old) {
            return Ok(None);
        }
        let new = toml::Value::String(renewal.new.clone());
        table.insert("password_hash".to_owned(), new);
        stored.table = toml::to_string(&table).map_err(|_| NotKept::Unreadable)?;
        let Ok(Ok(user)) = additions::user(&stored, &app.server) else {
            return Err(NotKept::Unreadable);
        };
        app.store.put_added_user(&stored)?;
        let subject = user.subject.clone();
        app.server.users.add(user);
        app.passwords
            .replace_hashes(app.server.users.password_hashes());
        Ok(Some(subject))
    })
}

/// Why a hash was not kept.
#[derive(Debug)]
enum NotKept {
    Store(StoreError),
    /// What the store has of the user does not parse, or does with the old hash alone.
    Unreadable,
    NotReplaced(NotReplaced),
}

impl From<StoreError> for NotKept {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<NotReplaced> for NotKept {
    fn from(error: NotReplaced) -> Self {
        Self::NotReplaced(error)
    }
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Unreadable => {
                f.write_str("the store's record of the user cannot be written anew")
            }
            Self::NotReplaced(error) => error.fmt(f),
        }
    }
}

#[cfg(test)]
#[path = "renewing_tests.rs"]
mod tests;
