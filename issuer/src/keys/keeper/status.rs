//! How a key is, as people are told.

use dockgate_token::{Algorithm, KeyId};

use crate::clock::UnixSeconds;
use crate::store::KeyState;

/// A key, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    /// Its name in the JWKS.
    pub kid: KeyId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// How far it has come.
    pub state: KeyState,
    /// When it was made or imported.
    pub created_at: UnixSeconds,
    /// When it came there.
    pub since: UnixSeconds,
    /// How many seconds are left until it signs (published), until the next one is published
    /// (active, where there is a schedule), or until it leaves the JWKS (retired); each at the
    /// earliest.
    pub next_in: Option<u64>,
    /// Whether the store has it sealed.
    pub sealed: bool,
}
