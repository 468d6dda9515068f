//! Login sessions of browsers.

use serde::{Deserialize, Serialize};

use super::{Login, SecretDigest, SessionId, StoreError, Swap};
use crate::clock::UnixSeconds;

/// A logged-in browser, stored under the digest of its cookie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSession {
    /// The end of it by idleness or by age, whichever comes first.
    pub expires_at: UnixSeconds,
    /// The end of it by age.
    pub ends_at: UnixSeconds,
    /// Its name; every login makes a new one.
    pub id: SessionId,
    /// What grants, and codes that become grants, know it by: the same for logins of one user that
    /// follow each other in one browser.
    pub lineage: SessionId,
    /// The `sub` of the user.
    pub subject: String,
    /// How and when the user logged in.
    pub login: Login,
}

/// What the user is told of a session, to know it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionNote {
    /// When it was used last, to the minute; 0 where that is not known.
    pub last_used: UnixSeconds,
    /// The browser that logged in.
    pub browser: BrowserFamily,
    /// What that runs on.
    pub system: SystemFamily,
}

/// A kind of browser. No more than this is kept of what a browser says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum BrowserFamily {
    #[default]
    Unknown,
    Chrome,
    Edge,
    Firefox,
    Opera,
    Safari,
    SamsungInternet,
}

/// A kind of operating system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum SystemFamily {
    #[default]
    Unknown,
    Android,
    ChromeOs,
    IOs,
    Linux,
    MacOs,
    Windows,
}

/// One of a user's sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSession {
    /// What the store knows it by.
    pub cookie: SecretDigest,
    /// The session.
    pub session: StoredSession,
    /// What is told of it.
    pub note: SessionNote,
}

/// Where sessions are kept. Writes are on disk when they return.
pub trait SessionStore: Send + Sync {
    /// The session, if it is alive.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn session(
        &self,
        cookie: SecretDigest,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Option<StoredSession>, StoreError>> + Send;

    /// Adds a session, or replaces the one under this cookie.
    ///
    /// # Errors
    /// [`StoreError`]; the session must then not be used.
    fn put_session(
        &self,
        cookie: SecretDigest,
        session: &StoredSession,
        note: &SessionNote,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces a session by itself with a later end, in one atomic step, if it is still `old`: one
    /// that has been ended meanwhile stays ended. Nothing waits for the disk: a session that loses
    /// a minute of its life to a crash is no loss. It counts as used at `now`.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails.
    fn extend_session(
        &self,
        cookie: SecretDigest,
        old: &StoredSession,
        new: &StoredSession,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send;

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError`]; it may then still be alive.
    fn remove_session(
        &self,
        cookie: SecretDigest,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What is told of a session; nothing where there is no such session.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn session_note(
        &self,
        cookie: SecretDigest,
        session: &StoredSession,
    ) -> impl Future<Output = Result<SessionNote, StoreError>> + Send;

    /// The live sessions of a user, those that began last first, and no more than `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn sessions_of(
        &self,
        subject: &str,
        limit: usize,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Vec<ListedSession>, StoreError>> + Send;
}
