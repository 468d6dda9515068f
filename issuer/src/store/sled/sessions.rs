//! Login sessions.

use super::super::{SecretDigest, SessionStore, StoreError, StoredSession, Swap};
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

    async fn extend_session(
        &self,
        cookie: SecretDigest,
        old: &StoredSession,
        new: &StoredSession,
    ) -> Result<Swap, StoreError> {
        let expected = records::encode(old.expires_at, old)?;
        let value = records::encode(new.expires_at, new)?;
        let sessions = &self.tables.sessions;
        let swapped = sessions.swap(cookie.as_bytes(), (old, expected), &value)?;
        Ok(if swapped { Swap::Done } else { Swap::Changed })
    }

    async fn remove_session(&self, cookie: SecretDigest) -> Result<(), StoreError> {
        self.tables.sessions.remove(cookie.as_bytes())?;
        self.flusher.durable().await
    }
}
