//! The embedded store: the only file that knows sled.
//!
//! Layout of the store's directory: `sled/`, the database, and `in-use`, an empty file made once
//! the first keys are on disk. A database without keys beside an `in-use` file has lost them.
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
    /// Opens the store, making the directory (mode 0700) if there is none. `cache_bytes` bounds the
    /// memory for pages read.
    ///
    /// # Errors
    /// [`StoreError`] when the directory cannot be used, is locked, or holds a damaged database.
    pub fn open(path: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        create_private_directory(path).map_err(|error| unusable(path, &error))?;
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
        let log = fs::File::open(path.join(DATABASE).join(DATABASE_LOG))
            .map_err(|error| unusable(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            database,
            signing_keys,
            log,
        })
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

    /// Also makes the directories' entries durable, of which there are no new ones later.
    fn mark_in_use(&self) -> Result<(), StoreError> {
        let marker = self.path.join(IN_USE);
        let written = fs::File::create(marker)
            .and_then(|file| file.sync_all())
            .and_then(|()| sync_directory(&self.path.join(DATABASE)))
            .and_then(|()| sync_directory(&self.path))
            .and_then(|()| self.path.parent().map_or(Ok(()), sync_directory));
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

fn create_private_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
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

fn unusable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unusable {
        path: path.to_owned(),
        detail: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temp_dir::TempDir;

    const CACHE: u64 = 1 << 20;

    fn key(byte: u8, created_at: UnixSeconds) -> StoredSigningKey {
        let private_key = PrivateKey::from_pkcs8(vec![byte; 40]);
        StoredSigningKey {
            algorithm: Algorithm::ES256,
            created_at,
            private_key,
        }
    }

    #[test]
    fn what_was_added_is_there_after_reopening() {
        let dir = TempDir::new();
        let store = SledStore::open(dir.path(), CACHE).unwrap();
        assert_eq!(store.signing_keys().unwrap(), []);
        store.add_signing_keys(&[key(2, 20), key(1, 10)]).unwrap();
        drop(store);
        let store = SledStore::open(dir.path(), CACHE).unwrap();
        assert_eq!(store.signing_keys().unwrap(), [key(1, 10), key(2, 20)]);
        store.reach().unwrap();
    }

    #[test]
    fn a_second_opener_is_told_that_the_store_is_in_use() {
        let dir = TempDir::new();
        let _held = SledStore::open(dir.path(), CACHE).unwrap();
        let second = SledStore::open(dir.path(), CACHE).err().unwrap();
        assert!(matches!(second, StoreError::Locked { .. }), "{second}");
    }

    #[test]
    fn a_store_that_lost_its_keys_does_not_pass_for_a_new_one() {
        let dir = TempDir::new();
        SledStore::open(dir.path(), CACHE)
            .unwrap()
            .add_signing_keys(&[key(1, 1)])
            .unwrap();
        fs::remove_dir_all(dir.path().join(DATABASE)).unwrap();
        let lost = SledStore::open(dir.path(), CACHE)
            .unwrap()
            .signing_keys()
            .err()
            .unwrap();
        assert!(matches!(lost, StoreError::Damaged { .. }), "{lost}");
    }

    #[test]
    fn a_path_that_is_no_directory_is_unusable() {
        let dir = TempDir::new();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let error = SledStore::open(&file, CACHE).err().unwrap();
        assert!(matches!(error, StoreError::Unusable { .. }), "{error}");
    }

    #[test]
    fn private_keys_do_not_print() {
        assert!(!format!("{:?}", key(0x41, 1)).contains("65"));
    }
}
