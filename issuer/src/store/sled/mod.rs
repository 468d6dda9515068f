//! The embedded store: the only place that knows sled.
//!
//! # The directory
//!
//! | name | what |
//! |---|---|
//! | `sled/` | the database |
//! | `in-use` | empty; made once the first keys are on disk. A database without keys beside it has lost them |
//! | `clean` | empty; made by an orderly close, removed at start. Where it is missing, the stop before was unclean |
//! | `restoring/` | a store that is being made from a backup. While it is there, no store starts |
//! | `admin.sock` | the running issuer's Unix socket |
//! | `progress` | 8 bytes, big-endian: how far sled's log is on disk. Up to there it is whole, or damaged |
//!
//! All of it can be read by its owner alone. Where no secret seals the keys, that is all that guards
//! them.
//!
//! # The trees
//!
//! *Envelope* is 8 bytes big-endian `expires_at`, one version byte (1), then the record in postcard
//! (see [`records`]). *Digest* is 32 bytes of SHA-256; *short* are the first 16 bytes of one.
//!
//! | tree | key | value |
//! |---|---|---|
//! | `grants` | grant id, 16 bytes | envelope of `StoredGrant` |
//! | `grants_by_subject` | short of the subject, grant id | envelope of nothing; the grant's `expires_at` when the row was made |
//! | `codes` | digest of the code | envelope of the number of the start it was made in, `StoredCode` |
//! | `sessions` | digest of the cookie | envelope of `StoredSession` |
//! | `sessions_by_subject` | short of the subject, `u64::MAX` less the time of the login, digest of the cookie | envelope of `SessionNote`; the session's `ends_at` |
//! | `consents` | short of the subject, short of the client's id | envelope of `StoredConsent` |
//! | `access_ends` | short of the subject, short of the client's id | envelope of the time at which the user ended the client's access |
//! | `devices` | digest of the device code | envelope of `StoredDevice` |
//! | `user_codes` | the user code, as it is compared | envelope of the digest of the device code |
//! | `pushed_requests` | digest of the reference | envelope of `StoredPushedRequest` |
//! | `used_names` | digest of the name | envelope of nothing |
//! | `revoked_tokens` | digest of the `jti`, or of the name of a session that was ended | envelope of nothing |
//! | `counters` | which kind of counter, 1 byte; short of what it counts | envelope of `StoredCounter` |
//! | `added_clients` | the client's id | envelope of `StoredClient`, which never expires |
//! | `registrations` | the client's id | envelope of `StoredRegistration`, which never expires |
//! | `added_users` | the username | envelope of `StoredUser`, which never expires |
//! | `signing_keys` | a number, 8 bytes big-endian | JSON: `algorithm`, `created_at`, `kid`, the members of `KeyLife`; `pkcs8`, or `salt` and `sealed`, in base64 |
//! | `audit` | a number, 8 bytes big-endian | envelope of `StoredAudit`: an act |
//! | `audit_attempts` | the next number of the same row | envelope of `StoredAudit`: attempts |
//! | `meta` | `start` | number of the latest start, first start whose codes count: 8 bytes big-endian each |
//! | `meta` | `page_secret` | 32 bytes |
//!
//! A row of `grants_by_subject` without its grant means nothing, nor does one of `sessions_by_subject`
//! without its session, or one of `registrations` without its client. The subject of a grant, like its
//! id, never changes.
//!
//! # What is atomic, and why there are hardly any transactions
//!
//! One tree's row is swapped atomically by sled. Where two trees change together, a lock of this
//! process keeps others from seeing the state in between, and the order of the writes keeps a crash
//! from leaving a bad one: after a crash sled has a prefix of all writes, so of `a` then `b` it has
//! neither, `a` alone, or both. Which of them comes first is said where they are written. A
//! transaction of sled's would stop every reader for as long as the flush that happens to be going
//! on takes. Signing keys alone, of which there is a new one in weeks, are written by one, with what
//! is put on record of them; a batch, by which they are written otherwise, stops readers as well.

mod additions;
mod audit;
mod backup;
mod codes;
mod consents;
mod counters;
mod counts;
mod devices;
mod disk;
mod ending;
mod flusher;
mod grants;
mod health;
mod integrity;
mod once;
mod page_secret;
mod pushed;
mod records;
mod registrations;
mod sessions;
mod signing_keys;
mod start;
mod sweep;
mod table;
#[cfg(test)]
mod tests;
mod unsettled;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::unusable;
use super::{Reachable, SecretDigest, StoreError};
use audit::Audit;
use counts::Count;
use disk::Disk;
use flusher::{Flusher, Persist};
use health::Health;
use start::Start;
use sweep::Cursor;
use table::Table;
use unsettled::Unsettled;

/// The tree of what the store knows about itself.
const META: &str = "meta";

/// A store in a directory of its own, open in this process alone.
pub struct SledStore {
    path: PathBuf,
    health: Arc<Health>,
    flusher: Flusher,
    start: Start,
    /// Held while rows of `grants` and `grants_by_subject` come and go together, and with them
    /// what they come from; never while waiting for the disk's flush.
    together: Mutex<()>,
    cursor: Mutex<Cursor>,
    unsettled: Unsettled,
    tables: Tables,
    counts: Counts,
    audit: Audit,
    database: sled::Db,
}

struct Tables {
    grants: Table,
    grants_by_subject: Table,
    codes: Table,
    sessions: Table,
    sessions_by_subject: Table,
    consents: Table,
    access_ends: Table,
    devices: Table,
    user_codes: Table,
    pushed_requests: Table,
    used_names: Table,
    revoked_tokens: Table,
    counters: Table,
    signing_keys: Table,
    added_clients: Table,
    registrations: Table,
    added_users: Table,
    audit: Table,
    audit_attempts: Table,
    meta: Table,
}

struct Counts {
    codes: Count,
    devices: Count,
    pushed_requests: Count,
    used_names: Count,
    revoked_tokens: Count,
    added_clients: Count,
    added_users: Count,
}

impl SledStore {
    /// Opens the store, making the directory if there is none. Directories have mode 0700 from then
    /// on, and files 0600. `cache_bytes` bounds the memory for pages read.
    ///
    /// # Errors
    /// [`StoreError`] when the directory cannot be used, is open to other users and stays so, is
    /// locked, or holds a damaged database.
    pub fn open(path: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        Self::open_with(path, cache_bytes, |persist| persist)
    }

    /// Whether there is a store in the directory, good or not.
    pub fn is_at(path: &Path) -> bool {
        path.join(disk::DATABASE).exists()
    }

    /// The same with something between the flusher and the disk.
    fn open_with(
        path: &Path,
        cache_bytes: u64,
        between: impl FnOnce(Persist) -> Persist,
    ) -> Result<Self, StoreError> {
        let health = Arc::new(Health::new(path));
        let disk = Disk::open(&health, cache_bytes)?;
        let database = disk.database();
        let tables = Tables::open(&database, &health)?;
        let counts = Counts::of(&tables)?;
        let audit = Audit::of(&tables.audit, &tables.audit_attempts)?;
        let (persist, was_clean) = disk.begin()?;
        let start = Start::begin(&tables.meta, was_clean)?;
        let flusher = Flusher::start(health.clone(), between(persist))
            .map_err(|error| unusable(path, &error))?;
        let store = Self {
            path: path.to_owned(),
            health,
            flusher,
            start,
            together: Mutex::default(),
            cursor: Mutex::default(),
            unsettled: Unsettled::default(),
            tables,
            counts,
            audit,
            database,
        };
        store.list_sessions_of_before()?;
        store.finish_first_start()?;
        store.flusher.durable_blocking()?;
        Ok(store)
    }

    /// Ends the store in good order: nothing can be written any more, and the next start knows that
    /// all is there. A store that is dropped without this counts as stopped uncleanly.
    ///
    /// # Errors
    /// [`StoreError`] when the last flush failed.
    pub fn close(&self) -> Result<(), StoreError> {
        self.finish_audit()?;
        self.flusher.durable_blocking()?;
        self.health.check()?;
        self.health.close();
        self.flusher.stop();
        disk::mark_clean(&self.path).map_err(|error| unusable(&self.path, &error))
    }

    fn cursor(&self) -> MutexGuard<'_, Cursor> {
        self.cursor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn together(&self) -> MutexGuard<'_, ()> {
        self.together.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn open(database: &sled::Db, health: &Arc<Health>) -> Result<Self, StoreError> {
        let table = |name: &'static str, what: &'static str| {
            let tree = health.open(|| database.open_tree(name))?;
            Ok(Table::new(tree, what, health.clone()))
        };
        Ok(Self {
            grants: table("grants", "grants")?,
            grants_by_subject: table("grants_by_subject", "grants by subject")?,
            codes: table("codes", "authorization codes")?,
            sessions: table("sessions", "sessions")?,
            sessions_by_subject: table("sessions_by_subject", "sessions by subject")?,
            consents: table("consents", "consents")?,
            access_ends: table("access_ends", "ends of access")?,
            devices: table("devices", "device codes")?,
            user_codes: table("user_codes", "user codes")?,
            pushed_requests: table("pushed_requests", "pushed authorization requests")?,
            used_names: table("used_names", "names that were used")?,
            revoked_tokens: table("revoked_tokens", "revoked tokens")?,
            counters: table("counters", "counters of failures")?,
            signing_keys: table("signing_keys", "signing keys")?,
            added_clients: table("added_clients", "clients that were added")?,
            registrations: table("registrations", "registrations of clients")?,
            added_users: table("added_users", "users who were added")?,
            audit: table("audit", "audit log")?,
            audit_attempts: table("audit_attempts", "audit log of attempts")?,
            meta: table(META, "the store itself")?,
        })
    }
}

impl Counts {
    fn of(tables: &Tables) -> Result<Self, StoreError> {
        Ok(Self {
            codes: Count::of(&tables.codes, counts::CODES)?,
            devices: Count::of(&tables.devices, counts::DEVICES)?,
            pushed_requests: Count::of(&tables.pushed_requests, counts::PUSHED_REQUESTS)?,
            used_names: Count::of(&tables.used_names, counts::USED_NAMES)?,
            revoked_tokens: Count::of(&tables.revoked_tokens, counts::REVOKED_TOKENS)?,
            added_clients: Count::of(&tables.added_clients, counts::ADDED_CLIENTS)?,
            added_users: Count::of(&tables.added_users, counts::ADDED_USERS)?,
        })
    }
}

impl Reachable for SledStore {
    fn reach(&self) -> Result<(), StoreError> {
        self.health.check()?;
        self.flusher.check()?;
        self.tables.signing_keys.rows(None, 1).map(drop)
    }

    fn flushes(&self) -> u64 {
        self.flusher.flushes()
    }
}

/// The first half of the SHA-256 of a name, which is no secret: nobody finds another name for it.
fn short(name: &str) -> [u8; 16] {
    let digest = SecretDigest::of(name.as_bytes());
    let mut half = [0; 16];
    half.copy_from_slice(digest.as_bytes().split_at(16).0);
    half
}
