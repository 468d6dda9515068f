//! Login sessions, and which of them are a user's.

use sled::IVec;

use super::super::{
    ListedSession, SecretDigest, SessionNote, SessionStore, StoreError, StoredSession, Swap,
};
use super::{SledStore, records, short};
use crate::clock::UnixSeconds;

/// How many rows are read at once.
const AT_ONCE: usize = 128;

/// How many rows of sessions that are over are passed by for each one that is listed. More than that
/// there are only where sweeping cannot keep up.
const MOST_PASSED_BY: usize = 32;

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
        note: &SessionNote,
    ) -> Result<(), StoreError> {
        self.write_session(cookie, session, note)?;
        self.flusher.durable().await
    }

    async fn extend_session(
        &self,
        cookie: SecretDigest,
        old: &StoredSession,
        new: &StoredSession,
        now: UnixSeconds,
    ) -> Result<Swap, StoreError> {
        let expected = records::encode(old.expires_at, old)?;
        let value = records::encode(new.expires_at, new)?;
        let sessions = &self.tables.sessions;
        if !sessions.swap(cookie.as_bytes(), (old, expected), &value)? {
            return Ok(Swap::Changed);
        }
        self.note_use(cookie, new, now)?;
        Ok(Swap::Done)
    }

    async fn remove_session(&self, cookie: SecretDigest) -> Result<(), StoreError> {
        if let Some(value) = self.tables.sessions.remove(cookie.as_bytes())? {
            self.remove_session_row(cookie, &value)?;
        }
        self.flusher.durable().await
    }

    async fn session_note(
        &self,
        cookie: SecretDigest,
        session: &StoredSession,
    ) -> Result<SessionNote, StoreError> {
        let rows = &self.tables.sessions_by_subject;
        match rows.get(&row_key(cookie, session))? {
            Some(row) => rows.decode(&row),
            None => Ok(SessionNote::default()),
        }
    }

    async fn sessions_of(
        &self,
        subject: &str,
        limit: usize,
        now: UnixSeconds,
    ) -> Result<Vec<ListedSession>, StoreError> {
        let prefix = short(subject);
        let most = limit.saturating_mul(MOST_PASSED_BY);
        let mut listed = Vec::new();
        for (key, row) in self.tables.sessions_by_subject.under(&prefix, most)? {
            if listed.len() == limit {
                break;
            }
            let Some(cookie) = key.last_chunk().copied().map(SecretDigest::from_bytes) else {
                continue;
            };
            let session: Option<StoredSession> =
                self.tables.sessions.live(cookie.as_bytes(), now)?;
            if let Some(session) = session.filter(|session| session.subject == subject) {
                let note = self.tables.sessions_by_subject.decode(&row)?;
                listed.push(ListedSession {
                    cookie,
                    session,
                    note,
                });
            }
        }
        Ok(listed)
    }
}

impl SledStore {
    /// Writes a session and its row. The row is first: alone it means nothing, while a session
    /// without it would not be found when all of a user's are to be ended.
    pub(super) fn write_session(
        &self,
        cookie: SecretDigest,
        session: &StoredSession,
        note: &SessionNote,
    ) -> Result<(), StoreError> {
        let row = records::encode(session.ends_at, note)?;
        let value = records::encode(session.expires_at, session)?;
        self.tables
            .sessions_by_subject
            .insert(&row_key(cookie, session), row)?;
        self.tables.sessions.insert(cookie.as_bytes(), value)?;
        Ok(())
    }

    /// Removes the row of a session that has been removed.
    pub(super) fn remove_session_row(
        &self,
        cookie: SecretDigest,
        value: &IVec,
    ) -> Result<(), StoreError> {
        // Of one that cannot be read the row is left, which ends by itself.
        if let Ok(session) = records::decode::<StoredSession>(value) {
            self.tables
                .sessions_by_subject
                .remove(&row_key(cookie, &session))?;
        }
        Ok(())
    }

    /// Notes that a session was used. If its row goes or changes meanwhile, that stands.
    fn note_use(
        &self,
        cookie: SecretDigest,
        session: &StoredSession,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let (rows, key) = (&self.tables.sessions_by_subject, row_key(cookie, session));
        let Some(row) = rows.get(&key)? else {
            return Ok(());
        };
        let note = SessionNote {
            last_used: now,
            ..rows.decode(&row)?
        };
        let noted = records::encode(session.ends_at, &note)?;
        rows.compare_and_swap(&key, Some(&row), Some(noted))?.ok();
        Ok(())
    }

    /// Gives a row to every session where none has one: they are of a version before there were any.
    pub(super) fn list_sessions_of_before(&self) -> Result<(), StoreError> {
        if !self.tables.sessions_by_subject.rows(None, 1)?.is_empty() {
            return Ok(());
        }
        let mut after = None;
        loop {
            let sessions = self.tables.sessions.rows(after.as_deref(), AT_ONCE)?;
            for (key, value) in &sessions {
                let cookie = key.as_ref().try_into().map(SecretDigest::from_bytes);
                if let (Ok(cookie), Ok(session)) = (cookie, records::decode::<StoredSession>(value))
                {
                    let row = records::encode(session.ends_at, &SessionNote::default())?;
                    self.tables
                        .sessions_by_subject
                        .insert(&row_key(cookie, &session), row)?;
                }
            }
            match sessions.last() {
                Some((key, _)) if sessions.len() == AT_ONCE => after = Some(key.clone()),
                _ => return Ok(()),
            }
        }
    }
}

/// Later logins come first. Neither subject, login nor cookie of a session ever changes.
fn row_key(cookie: SecretDigest, session: &StoredSession) -> Vec<u8> {
    let began = UnixSeconds::MAX - session.login.at;
    [
        short(&session.subject).as_slice(),
        &began.to_be_bytes(),
        cookie.as_bytes(),
    ]
    .concat()
}
