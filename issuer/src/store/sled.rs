//! The embedded store: the only file that knows sled.
//!
//! Layout of the store's directory: `sled/`, the database, and `in-use`, an empty file made once
//! the first keys are on disk. A database without keys beside an `in-use` file has lost them. The
//! keys are not sealed yet: that no other user of the machine can read them is all that guards them.
//!
//! On Linux sled's own flush ends with `sync_file_range`, which neither empties the disk's cache
//! nor writes the file's metadata. [`SledStore::flush`] adds the `fsync` that durability needs.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dockgate_token::Algorithm;
use serde::{Deserialize, Serialize};

use super::error::unusable;
use super::private;
use super::{PrivateKey, Reachable, SigningKeyStore, StoreError, StoredSigningKey};
use crate::clock::UnixSeconds;

const DATABASE: &str = "sled";
/// sled's log of all writes, within [`DATABASE`].
const DATABASE_LOG: &str = "db";
const IN_USE: &str = "in-use";
const SIGNING_KEYS: &str = "signing_keys";

/// A store in a directory of its own, open in this process alone.
pub struct SledStore {
    path: PathBuf,
    database: sled::Db,
    signing_keys: sled::Tree,
    log: fs::File,
}

impl SledStore {
    /// Opens the store, making the directory if there is none. Directories have mode 0700 from then
    /// on, and files 0600. `cache_bytes` bounds the memory for pages read.
    ///
    /// # Errors
    /// [`StoreError`] when the directory cannot be used, is open to other users and stays so, is
    /// locked, or holds a damaged database.
    pub fn open(path: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        private::directory(path, &[DATABASE, IN_USE])?;
        // Before sled makes files in it, which it does with the process's umask.
        private::directory(&path.join(DATABASE), &[DATABASE_LOG])?;
        let config = sled::Config::new()
            .path(path.join(DATABASE))
            .cache_capacity(cache_bytes)
            // Every write that matters is flushed before it is acknowledged.
            .flush_every_ms(None);
        // sled panics on some kinds of damage where it could return an error.
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let database = config.open()?;
            let signing_keys = database.open_tree(SIGNING_KEYS)?;
            Ok((database, signing_keys))
        }));
        let (database, signing_keys) = match opened {
            Ok(opened) => opened.map_err(|error| store_error(path, error))?,
            Err(_) => return Err(damaged(path, "reading it failed half-way")),
        };
        private::contents(&path.join(DATABASE)).map_err(|error| unusable(path, &error))?;
        let log = fs::File::open(path.join(DATABASE).join(DATABASE_LOG))
            .map_err(|error| unusable(path, &error))?;
        let store = Self {
            path: path.to_owned(),
            database,
            signing_keys,
            log,
        };
        store.finish_first_start()?;
        Ok(store)
    }

    /// Keys without the marker are those of a process that was killed between the two.
    fn finish_first_start(&self) -> Result<(), StoreError> {
        if self.signing_keys.is_empty() || self.path.join(IN_USE).exists() {
            return Ok(());
        }
        self.flush()?;
        self.mark_in_use()
    }

    /// Puts every write so far on disk.
    fn flush(&self) -> Result<(), StoreError> {
        self.database.flush().map_err(|error| self.error(error))?;
        self.log
            .sync_all()
            .map_err(|error| unusable(&self.path, &error))
    }

    fn error(&self, error: sled::Error) -> StoreError {
        store_error(&self.path, error)
    }

    /// Makes the directories' entries durable, of which there are no new ones later. That comes
    /// before the marker, so that where there is a marker it has been done.
    fn mark_in_use(&self) -> Result<(), StoreError> {
        let written = sync_directory(&self.path.join(DATABASE))
            .and_then(|()| sync_directory(&self.path))
            .and_then(|()| self.path.parent().map_or(Ok(()), sync_directory))
            .and_then(|()| private::empty_file(&self.path.join(IN_USE)))
            .and_then(|()| sync_directory(&self.path));
        written.map_err(|error| unusable(&self.path, &error))
    }
}

impl Reachable for SledStore {
    fn reach(&self) -> Result<(), StoreError> {
        self.signing_keys
            .first()
            .map(drop)
            .map_err(|error| self.error(error))
    }
}

impl SigningKeyStore for SledStore {
    fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        let mut keys = Vec::new();
        for record in self.signing_keys.iter() {
            let (_, value) = record.map_err(|error| self.error(error))?;
            let key =
                SigningKeyRecord::decode(&value).map_err(|detail| damaged(&self.path, detail))?;
            keys.push(key);
        }
        if keys.is_empty() && self.path.join(IN_USE).exists() {
            return Err(damaged(&self.path, "its signing keys are gone"));
        }
        keys.sort_by_key(|key| key.created_at);
        Ok(keys)
    }

    fn add_signing_keys(&self, keys: &[StoredSigningKey]) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for key in keys {
            let number = self
                .database
                .generate_id()
                .map_err(|error| self.error(error))?;
            let record = SigningKeyRecord::from(key);
            let value = serde_json::to_vec(&record).map_err(|error| StoreError::Failed {
                detail: error.to_string(),
            })?;
            batch.insert(&number.to_be_bytes(), value);
        }
        self.signing_keys
            .apply_batch(batch)
            .map_err(|error| self.error(error))?;
        self.flush()?;
        self.mark_in_use()
    }
}

/// The JSON form of a [`StoredSigningKey`].
#[derive(Serialize, Deserialize)]
struct SigningKeyRecord {
    algorithm: Algorithm,
    created_at: UnixSeconds,
    pkcs8: String,
}

impl SigningKeyRecord {
    fn decode(bytes: &[u8]) -> Result<StoredSigningKey, &'static str> {
        // The parser's own message could quote the key.
        let unreadable = "a signing key's record is unreadable";
        let record: Self = serde_json::from_slice(bytes).map_err(|_| unreadable)?;
        let der = STANDARD.decode(record.pkcs8).map_err(|_| unreadable)?;
        Ok(StoredSigningKey {
            algorithm: record.algorithm,
            created_at: record.created_at,
            private_key: PrivateKey::from_pkcs8(der),
        })
    }
}

impl From<&StoredSigningKey> for SigningKeyRecord {
    fn from(key: &StoredSigningKey) -> Self {
        Self {
            algorithm: key.algorithm,
            created_at: key.created_at,
            pkcs8: STANDARD.encode(key.private_key.expose_pkcs8()),
        }
    }
}

/// An empty path is the working directory.
fn sync_directory(path: &Path) -> std::io::Result<()> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    fs::File::open(path)?.sync_all()
}

fn store_error(path: &Path, error: sled::Error) -> StoreError {
    match error {
        // sled reports a held lock as an I/O error that only its text tells apart.
        sled::Error::Io(io) if io.to_string().contains("could not acquire lock") => {
            StoreError::Locked {
                path: path.to_owned(),
            }
        }
        sled::Error::Io(io) => unusable(path, &io),
        sled::Error::Corruption { .. } => damaged(path, "its checksums do not match"),
        other => damaged(path, &other.to_string()),
    }
}

fn damaged(path: &Path, detail: &str) -> StoreError {
    StoreError::Damaged {
        path: path.to_owned(),
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
#[path = "sled_tests.rs"]
mod tests;
