//! A map of bounded size that forgets what was used least recently.

use std::collections::{BTreeMap, HashMap};

use super::Key;

pub(super) struct Recent<T> {
    most: usize,
    entries: HashMap<Key, (u64, T)>,
    /// The keys by when they were last used.
    order: BTreeMap<u64, Key>,
    clock: u64,
}

impl<T: Copy> Recent<T> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            entries: HashMap::new(),
            order: BTreeMap::new(),
            clock: 0,
        }
    }

    /// Looking does not count as use: what is only looked at may go.
    pub(super) fn get(&self, key: &Key) -> Option<T> {
        self.entries.get(key).map(|(_, value)| *value)
    }

    pub(super) fn put(&mut self, key: Key, value: T) {
        self.clock = self.clock.saturating_add(1);
        if let Some((used, _)) = self.entries.insert(key, (self.clock, value)) {
            self.order.remove(&used);
        }
        self.order.insert(self.clock, key);
        if self.entries.len() > self.most
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.entries.remove(&oldest);
        }
    }

    pub(super) fn remove(&mut self, key: &Key) {
        if let Some((used, _)) = self.entries.remove(key) {
            self.order.remove(&used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_goes_first() {
        let mut recent = Recent::new(2);
        let key = |n| [n; 16];
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
        let mut recent = Recent::new(10);
        for n in 0..1000_u128 {
            recent.put(n.to_be_bytes(), ());
        }
        assert_eq!((recent.entries.len(), recent.order.len()), (10, 10));
    }
}
