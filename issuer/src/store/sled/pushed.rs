//! Pushed authorization requests.

use super::super::{PushedRequestStore, Room, SecretDigest, StoreError, StoredPushedRequest};
use super::{SledStore, records};
use crate::clock::UnixSeconds;

impl PushedRequestStore for SledStore {
    async fn add_pushed_request(
        &self,
        reference: SecretDigest,
        record: &StoredPushedRequest,
        room: Room,
    ) -> Result<(), StoreError> {
        let value = records::encode(record.expires_at, record)?;
        let place = self.counts.pushed_requests.take_of(room)?;
        let before = self
            .tables
            .pushed_requests
            .insert(reference.as_bytes(), value)?;
        if before.is_none() {
            place.keep();
        }
        self.flusher.durable().await
    }

    async fn pushed_request(
        &self,
        reference: SecretDigest,
        now: UnixSeconds,
    ) -> Result<Option<StoredPushedRequest>, StoreError> {
        self.tables.pushed_requests.live(reference.as_bytes(), now)
    }

    async fn consume_pushed_request(&self, reference: SecretDigest) -> Result<bool, StoreError> {
        let used_up = self.tables.pushed_requests.remove(reference.as_bytes())?;
        if used_up.is_none() {
            return Ok(false);
        }
        self.counts.pushed_requests.release();
        self.flusher.durable().await?;
        Ok(true)
    }
}
