//! A map of bounded size that forgets what was used least recently, and knows what of it has to be
//! written down.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Key;
use super::lasting::{Book, Change, Lasting, name};
use crate::store::StoredCounter;

pub(super) struct Recent<T> {
    book: Book,
    most: usize,
    entries: HashMap<Key, Entry<T>>,
    /// The keys by when they were last used.
    order: BTreeMap<u64, Key>,
    clock: u64,
    /// What is here and not on disk as it is.
    changed: HashSet<Key>,
    /// What is on disk and no longer here: never more than was written.
    gone: HashSet<Key>,
}

struct Entry<T> {
    used: u64,
    written: bool,
    value: T,
}

impl<T: Copy> Recent<T> {
    pub(super) fn new(book: Book, most: usize) -> Self {
        Self {
            book,
            most,
            entries: HashMap::new(),
            order: BTreeMap::new(),
            clock: 0,
            changed: HashSet::new(),
            gone: HashSet::new(),
        }
    }

    /// Looking does not count as use: what is only looked at may go.
    pub(super) fn get(&self, key: &Key) -> Option<T> {
        self.entries.get(key).map(|entry| entry.value)
    }

    pub(super) fn put(&mut self, key: Key, value: T) {
        let written = match self.entries.get(&key) {
            Some(entry) => entry.written,
            None => self.gone.remove(&key),
        };
        self.changed.insert(key);
        self.insert(key, value, written);
    }

    pub(super) fn remove(&mut self, key: &Key) {
        let Some(entry) = self.entries.remove(key) else {
            return;
        };
        self.order.remove(&entry.used);
        self.changed.remove(key);
        if entry.written {
            self.gone.insert(*key);
        }
    }

    fn insert(&mut self, key: Key, value: T, written: bool) {
        self.clock = self.clock.saturating_add(1);
        let used = self.clock;
        let entry = Entry {
            used,
            written,
            value,
        };
        if let Some(before) = self.entries.insert(key, entry) {
            self.order.remove(&before.used);
        }
        self.order.insert(used, key);
        if self.entries.len() > self.most
            && let Some(oldest) = self.order.first_entry()
        {
            let oldest = *oldest.get();
            self.remove(&oldest);
        }
    }
}

impl<T: Lasting> Recent<T> {
    /// Adds what has to be written, and counts it as written.
    pub(super) fn take_changes(&mut self, changes: &mut Vec<Change>) {
        for key in self.gone.drain() {
            changes.push((name(self.book, &key), None));
        }
        for key in self.changed.drain() {
            if let Some(entry) = self.entries.get_mut(&key) {
                entry.written = true;
                changes.push((name(self.book, &key), Some(entry.value.stored())));
            }
        }
    }

    /// Takes in a counter that was written down, if it is one of these.
    pub(super) fn restore(&mut self, book: Book, key: Key, stored: &StoredCounter) {
        if book == self.book {
            self.insert(key, T::of(stored), true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::allowance::Allowance;
    use super::*;

    const BOOK: Book = Book::LoginSources;

    fn key(number: u8) -> Key {
        [number; 16]
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let mut recent = Recent::new(BOOK, 2);
        recent.put(key(1), 'a');
        recent.put(key(2), 'b');
        recent.put(key(1), 'c');
        recent.put(key(3), 'd');
        assert_eq!(recent.get(&key(1)), Some('c'));
        assert_eq!(recent.get(&key(2)), None);
        assert_eq!(recent.get(&key(3)), Some('d'));
        recent.remove(&key(1));
        assert_eq!((recent.entries.len(), recent.order.len()), (1, 1));
    }

    #[test]
    fn a_flood_of_keys_takes_no_more_room() {
        let mut recent = Recent::new(BOOK, 10);
        let mut changes = Vec::new();
        for round in 0..10_u128 {
            for n in 0..1000 {
                recent.put((round * 1000 + n).to_be_bytes(), Allowance::default());
            }
            let sizes = [
                recent.entries.len(),
                recent.order.len(),
                recent.changed.len(),
            ];
            assert_eq!(sizes, [10; 3]);
            assert!(recent.gone.len() <= 10, "{}", recent.gone.len());
            recent.take_changes(&mut changes);
        }
        let added = changes.iter().filter(|(_, counter)| counter.is_some());
        let (added, all) = (added.count(), changes.len());
        assert_eq!(added - (all - added), 10, "what is left on disk");
    }

    #[test]
    fn what_changed_is_written_once_and_what_went_is_removed() {
        let mut recent = Recent::new(BOOK, 2);
        let changes = |recent: &mut Recent<Allowance>| {
            let mut changes = Vec::new();
            recent.take_changes(&mut changes);
            let mut changes: Vec<_> = changes
                .into_iter()
                .map(|(name, counter)| (name[1], counter.is_some()))
                .collect();
            changes.sort_unstable();
            changes
        };
        recent.put(key(1), Allowance::default());
        recent.put(key(2), Allowance::default());
        assert_eq!(changes(&mut recent), [(1, true), (2, true)]);
        assert_eq!(changes(&mut recent), []);
        recent.put(key(3), Allowance::default());
        assert_eq!(changes(&mut recent), [(1, false), (3, true)]);
        // Gone and back before anything was written.
        recent.remove(&key(2));
        recent.put(key(2), Allowance::default());
        recent.put(key(4), Allowance::default());
        recent.remove(&key(4));
        assert_eq!(changes(&mut recent), [(2, true), (3, false)]);
    }
}
