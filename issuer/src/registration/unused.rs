//! Which of them were never used, and how many are being added just now.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::UnixSeconds;
use crate::store::{RegistrationStore, StoreError};
use dockgate_token::ClientId;

/// What has to be known of all of them at once. It is as large as there are clients that never had a
/// token, which `max_clients` bounds.
#[derive(Default)]
pub struct Registrations {
    /// When each of them registered.
    unused: Mutex<HashMap<ClientId, UnixSeconds>>,
    /// How many are on their way into the store.
    under_way: AtomicUsize,
}

/// Room for one more client; it is given back when this goes.
pub struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Registrations {
    /// Finds those that are in the store.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be read.
    pub fn open(store: &impl RegistrationStore) -> Result<Self, StoreError> {
        let unused = store.unused_registrations()?;
        let unused = unused
            .into_iter()
            .filter_map(|(id, registered_at)| Some((id.parse().ok()?, registered_at)));
        Ok(Self {
            unused: Mutex::new(unused.collect()),
            under_way: AtomicUsize::default(),
        })
    }

    /// Takes room for one more, if there are fewer than `most`. `present` is asked after this one
    /// counts: a client leaves those under way only once it is among those present, so that each
    /// counts at least once.
    pub fn place(&self, present: impl FnOnce() -> usize, most: usize) -> Option<Place<'_>> {
        let under_way = self.under_way.fetch_add(1, Ordering::AcqRel);
        let place = Place(&self.under_way);
        (present().saturating_add(under_way) < most).then_some(place)
    }

    /// One has been added.
    pub fn added(&self, id: ClientId, now: UnixSeconds) {
        self.unused().insert(id, now);
    }

    /// One is no longer there.
    pub fn removed(&self, id: &ClientId) {
        self.unused().remove(id);
    }

    /// Notes that a client has had a token. On disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; it then counts as not used yet.
    pub async fn note_use(
        &self,
        store: &impl RegistrationStore,
        id: &ClientId,
    ) -> Result<(), StoreError> {
        if !self.unused().contains_key(id) {
            return Ok(());
        }
        store.note_use(id.as_str()).await?;
        self.removed(id);
        Ok(())
    }

    /// Those that registered no later than `before` and were never used.
    pub fn unused_since(&self, before: UnixSeconds) -> Vec<ClientId> {
        let unused = self.unused();
        let old = unused.iter().filter(|(_, at)| **at <= before);
        old.map(|(id, _)| id.clone()).collect()
    }

    fn unused(&self) -> MutexGuard<'_, HashMap<ClientId, UnixSeconds>> {
        self.unused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_under_way_count_until_they_are_there() {
        let registrations = Registrations::default();
        let first = registrations.place(|| 0, 2);
        let second = registrations.place(|| 0, 2);
        assert!(first.is_some() && second.is_some());
        assert!(registrations.place(|| 0, 2).is_none());
        drop(first);
        assert!(registrations.place(|| 1, 2).is_none());
        assert!(registrations.place(|| 0, 2).is_some());
    }

    #[test]
    fn who_is_old_and_was_never_used_is_found() {
        let registrations = Registrations::default();
        for (id, at) in [("a", 10), ("b", 20), ("c", 30)] {
            registrations.added(id.parse().unwrap(), at);
        }
        registrations.removed(&"a".parse().unwrap());
        let old = registrations.unused_since(20);
        assert_eq!(old, ["b".parse().unwrap()]);
    }
}
