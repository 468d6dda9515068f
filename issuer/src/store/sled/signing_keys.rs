//! Signing keys, and the marker that says that there are some.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dockgate_token::Algorithm;
use serde::{Deserialize, Serialize};

use super::super::error::unusable;
use super::super::{PrivateKey, SigningKeyStore, StoreError, StoredSigningKey, private};
use super::SledStore;
use super::disk::{DATABASE, IN_USE, sync_directory};
use crate::clock::UnixSeconds;

impl SigningKeyStore for SledStore {
    fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        let mut keys = Vec::new();
        for (_, value) in self.tables.signing_keys.rows(None, usize::MAX)? {
            let key = SigningKeyRecord::decode(&value);
            keys.push(key.ok_or_else(|| self.tables.signing_keys.unreadable())?);
        }
        if keys.is_empty() && self.path.join(IN_USE).exists() {
            return Err(self.health.damaged("its signing keys are gone".to_owned()));
        }
        keys.sort_by_key(|key| key.created_at);
        Ok(keys)
    }

    fn add_signing_keys(&self, keys: &[StoredSigningKey]) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for key in keys {
            let number = self.health.write(|| self.database.generate_id())?;
            let record = SigningKeyRecord::from(key);
            let value = serde_json::to_vec(&record).map_err(|error| StoreError::Failed {
                detail: error.to_string(),
            })?;
            batch.insert(&number.to_be_bytes(), value);
        }
        self.tables.signing_keys.apply(batch)?;
        self.flusher.durable_blocking()?;
        self.mark_in_use()
    }
}

impl SledStore {
    /// Keys without the marker are those of a process that was killed between the two.
    pub(super) fn finish_first_start(&self) -> Result<(), StoreError> {
        let has_keys = !self.tables.signing_keys.rows(None, 1)?.is_empty();
        if !has_keys || self.path.join(IN_USE).exists() {
            return Ok(());
        }
        self.flusher.durable_blocking()?;
        self.mark_in_use()
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

/// The JSON form of a [`StoredSigningKey`].
#[derive(Serialize, Deserialize)]
struct SigningKeyRecord {
    algorithm: Algorithm,
    created_at: UnixSeconds,
    pkcs8: String,
}

impl SigningKeyRecord {
    /// The parser's message is not passed on: it could quote the key.
    fn decode(bytes: &[u8]) -> Option<StoredSigningKey> {
        let record: Self = serde_json::from_slice(bytes).ok()?;
        let der = STANDARD.decode(record.pkcs8).ok()?;
        Some(StoredSigningKey {
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
