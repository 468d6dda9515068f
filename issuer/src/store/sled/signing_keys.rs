//! Signing keys, and the marker that says that there are some.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dockgate_token::{Algorithm, KeyId};
use serde::{Deserialize, Serialize};

use super::super::error::unusable;
use super::super::{
    Acts, KeyLife, KeyMaterial, PrivateKey, SealedKey, SigningKeyStore, StoreError,
    StoredSigningKey, private,
};
use super::SledStore;
use super::disk::{DATABASE, IN_USE, sync_directory};
use crate::clock::UnixSeconds;

impl SigningKeyStore for SledStore {
    fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        let table = &self.tables.signing_keys;
        let mut keys = Vec::new();
        for (number, value) in table.rows(None, usize::MAX)? {
            let key = SigningKeyRecord::decode(&number, &value);
            keys.push(key.ok_or_else(|| table.unreadable())?);
        }
        if keys.is_empty() && self.path.join(IN_USE).exists() {
            return Err(self.health.damaged("its signing keys are gone".to_owned()));
        }
        Ok(keys)
    }

    fn write_recorded_keys(
        &self,
        put: &[StoredSigningKey],
        gone: &[u64],
        acts: Acts<'_>,
    ) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for key in put {
            let record = SigningKeyRecord::from(key);
            let value = serde_json::to_vec(&record).map_err(|error| StoreError::Failed {
                detail: error.to_string(),
            })?;
            batch.insert(&key.number.to_be_bytes(), value);
        }
        for number in gone {
            batch.remove(&number.to_be_bytes());
        }
        let table = &self.tables.signing_keys;
        match acts.events {
            [] => table.apply(batch)?,
            _ => self.apply_with_acts(table, &batch, acts)?,
        }
        self.flusher.durable_blocking()?;
        self.finish_first_start()
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
    #[serde(default)]
    kid: Option<KeyId>,
    #[serde(flatten)]
    life: KeyLife,
    #[serde(flatten)]
    material: MaterialRecord,
}

/// In base64.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum MaterialRecord {
    Clear { pkcs8: String },
    Sealed { salt: String, sealed: String },
}

impl SigningKeyRecord {
    /// The parser's message is not passed on: it could quote the key.
    fn decode(number: &[u8], bytes: &[u8]) -> Option<StoredSigningKey> {
        let record: Self = serde_json::from_slice(bytes).ok()?;
        let material = match record.material {
            MaterialRecord::Clear { pkcs8 } => {
                KeyMaterial::Clear(PrivateKey::from_pkcs8(STANDARD.decode(pkcs8).ok()?))
            }
            MaterialRecord::Sealed { salt, sealed } => KeyMaterial::Sealed(SealedKey {
                salt: STANDARD.decode(salt).ok()?.try_into().ok()?,
                ciphertext: STANDARD.decode(sealed).ok()?,
            }),
        };
        Some(StoredSigningKey {
            number: u64::from_be_bytes(number.try_into().ok()?),
            algorithm: record.algorithm,
            kid: record.kid,
            created_at: record.created_at,
            life: record.life,
            material,
        })
    }
}

impl From<&StoredSigningKey> for SigningKeyRecord {
    fn from(key: &StoredSigningKey) -> Self {
        let material = match &key.material {
            KeyMaterial::Clear(private_key) => MaterialRecord::Clear {
                pkcs8: STANDARD.encode(private_key.expose_pkcs8()),
            },
            KeyMaterial::Sealed(SealedKey { salt, ciphertext }) => MaterialRecord::Sealed {
                salt: STANDARD.encode(salt),
                sealed: STANDARD.encode(ciphertext),
            },
        };
        Self {
            algorithm: key.algorithm,
            created_at: key.created_at,
            kid: key.kid.clone(),
            life: key.life,
            material,
        }
    }
}
