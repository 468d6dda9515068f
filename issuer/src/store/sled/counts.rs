//! How many records of a kind there may be at once. What has expired counts until it is swept.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::{Room, StoreError};
use super::table::Table;

/// Codes live a minute: this is 8 000 logins a second for as long as one, at 1 KiB each on disk.
pub(super) const CODES: usize = 500_000;
/// Anyone may ask for a device code, and it lives 10 minutes.
pub(super) const DEVICES: usize = 10_000;
/// They live 90 seconds and hold a whole authorization request.
pub(super) const PUSHED_REQUESTS: usize = 10_000;
/// Some 100 bytes each; they live as long as a client's assertion, minutes.
pub(super) const USED_NAMES: usize = 1_000_000;
/// Some 100 bytes each; they live as long as an access token, minutes.
pub(super) const REVOKED_TOKENS: usize = 1_000_000;

/// Each has some hundred bytes on disk, and 1 to 2 KiB in memory, where all of them are.
pub(super) const ADDED_CLIENTS: usize = 20_000;
/// As for clients.
pub(super) const ADDED_USERS: usize = 100_000;

/// Counts one kind.
pub(super) struct Count {
    what: &'static str,
    limit: usize,
    present: AtomicUsize,
}

/// A place that has been counted; it is given back unless it is kept.
pub(super) struct Place<'a> {
    count: &'a Count,
    kept: bool,
}

impl Count {
    /// Counts what is there already: a second for a million records, which is why what has no limit
    /// is not counted.
    pub(super) fn of(table: &Table, limit: usize) -> Result<Self, StoreError> {
        Ok(Self {
            what: table.what(),
            limit,
            present: AtomicUsize::new(table.count()?),
        })
    }

    /// Takes a place for one more.
    pub(super) fn take(&self) -> Result<Place<'_>, StoreError> {
        self.take_of(Room::Whole)
    }

    /// Takes a place for one more, of this much of the room.
    pub(super) fn take_of(&self, room: Room) -> Result<Place<'_>, StoreError> {
        let before = self.present.fetch_add(1, Ordering::Relaxed);
        let place = Place {
            count: self,
            kept: false,
        };
        if before >= room.of(self.limit) {
            return Err(StoreError::Full { what: self.what });
        }
        Ok(place)
    }

    /// How many there are.
    pub(super) fn present(&self) -> usize {
        self.present.load(Ordering::Relaxed)
    }

    /// One has gone.
    pub(super) fn release(&self) {
        self.present.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
impl Count {
    pub(super) fn limited_to(&self, limit: usize) -> Self {
        Self {
            what: self.what,
            limit,
            present: AtomicUsize::new(self.present()),
        }
    }
}

impl Place<'_> {
    /// The record is there.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.count.release();
        }
    }
}
