//! How a key is, as people are told.

use dockgate_token::{Algorithm, KeyId};

use super::super::lifecycle;
use super::draft::Kept;
use super::{Keeper, Moment};
use crate::clock::UnixSeconds;
use crate::store::{KeyMaterial, KeyState};

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

impl<S> Keeper<S> {
    /// Every key, as it is now.
    pub fn list(&self, now: Moment) -> Vec<KeyStatus> {
        let status = |kept: &Kept| KeyStatus {
            kid: kept.kid.clone(),
            algorithm: kept.stored.algorithm,
            state: kept.life.state,
            created_at: kept.stored.created_at,
            since: kept.life.since,
            next_in: self.next_in(kept, now),
            sealed: matches!(kept.stored.material, KeyMaterial::Sealed(_)),
        };
        self.keys.iter().map(status).collect()
    }

    fn next_in(&self, kept: &Kept, now: Moment) -> Option<u64> {
        let own = self.keys.iter();
        let own = own.filter(|other| other.stored.algorithm == kept.stored.algorithm);
        let own: Vec<_> = own.map(Kept::entry).collect();
        lifecycle::next_in(now.wall, &kept.entry(), &own, &self.settings.schedule)
    }
}
