//! Login sessions.

use super::super::{SecretDigest, SessionStore, StoreError, StoredSession};
use super::{SledStore, records};
use crate::clock::UnixSeconds;

impl SessionStore for SledStore {
    async fn session(
        &self,
        cookie: SecretDigest,
        now: UnixSeconds,
    ) -> Result<Option<StoredSession>, StoreError> {
        self.tables.sessions.live(cookie.as_bytes(), now)
    }

    async fn put_session(
        &self,
        cookie: SecretDigest,
        session: &StoredSession,
    ) -> Result<(), StoreError> {
        let value = records::encode(session.expires_at, session)?;
        self.tables.sessions.insert(cookie.as_bytes(), value)?;
        self.flusher.durable().await
    }

    async fn remove_session(&self, cookie: SecretDigest) -> Result<(), StoreError> {
        self.tables.sessions.remove(cookie.as_bytes())?;
        self.flusher.durable().await
    }
}
