//! Names that were used, and names that were revoked.

use super::super::{OnceStore, SecretDigest, StoreError};
use super::{SledStore, records};
use crate::clock::UnixSeconds;

impl OnceStore for SledStore {
    async fn use_once(
        &self,
        name: SecretDigest,
        until: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<bool, StoreError> {
        if !self.note_name(name, until, now)? {
            return Ok(false);
        }
        self.flusher.durable().await?;
        Ok(true)
    }

    async fn revoke(&self, name: SecretDigest, until: UnixSeconds) -> Result<(), StoreError> {
        let value = records::encode(until, &())?;
        let place = self.counts.revoked_tokens.take()?;
        let before = self.tables.revoked_tokens.insert(name.as_bytes(), value)?;
        if before.is_none() {
            place.keep();
        }
        self.flusher.durable().await
    }

    async fn is_revoked(&self, name: SecretDigest) -> Result<bool, StoreError> {
        let value = self.tables.revoked_tokens.get(name.as_bytes())?;
        Ok(value.is_some())
    }
}

impl SledStore {
    fn note_name(
        &self,
        name: SecretDigest,
        until: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<bool, StoreError> {
        let value = records::encode(until, &())?;
        let names = &self.tables.used_names;
        let mut there = names.get(name.as_bytes())?;
        loop {
            let place = match &there {
                None => Some(self.counts.used_names.take()?),
                Some(earlier) if records::has_expired(earlier, now) => None,
                Some(_) => return Ok(false),
            };
            match names.compare_and_swap(name.as_bytes(), there.as_deref(), Some(value.clone()))? {
                Ok(()) => {
                    if let Some(place) = place {
                        place.keep();
                    }
                    return Ok(true);
                }
                Err(current) => there = current,
            }
        }
    }
}
