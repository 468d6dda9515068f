//! A hash table whose entries know in which order they were last used.
//!
//! Entries lie in one array of slots and name one another by number, so that a hit allocates nothing
//! and a steady state neither grows nor shrinks. The table does not know when it is full.

/// The number of a slot.
pub(super) type SlotId = u32;

/// See the module's documentation.
pub(super) struct Lru<V> {
    slots: Vec<Slot<V>>,
    free: Vec<SlotId>,
    /// The first slot of each chain; a power of two of them.
    buckets: Vec<SlotId>,
    newest: SlotId,
    oldest: SlotId,
}

struct Slot<V> {
    /// `None` while the slot is free.
    value: Option<V>,
    hash: u64,
    /// The next slot of the same bucket.
    chain: SlotId,
    newer: SlotId,
    older: SlotId,
}

impl<V> Lru<V> {
    /// Room for `entries`, taken at once: arrays that grow leave holes of their former sizes.
    pub(super) fn with_capacity(entries: usize) -> Self {
        let entries = entries.min(MAX_SLOTS);
        Self {
            slots: Vec::with_capacity(entries),
            free: Vec::new(),
            buckets: vec![NONE; entries.next_power_of_two()],
            newest: NONE,
            oldest: NONE,
        }
    }

    /// The slot of the one entry with this hash for which `is_it` holds.
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(&V) -> bool) -> Option<SlotId> {
        let mut at = self.buckets.get(self.bucket(hash)).copied()?;
        while let Some(slot) = self.slot(at) {
            if slot.hash == hash && slot.value.as_ref().is_some_and(&is_it) {
                return Some(at);
            }
            at = slot.chain;
        }
        None
    }

    pub(super) fn get(&self, at: SlotId) -> Option<&V> {
        self.slot(at)?.value.as_ref()
    }

    /// The entry that was not used for the longest time.
    pub(super) fn oldest(&self) -> Option<SlotId> {
        (self.oldest != NONE).then_some(self.oldest)
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Makes an entry the last to go.
    pub(super) fn touch(&mut self, at: SlotId) {
        if at != self.newest {
            self.unlink(at);
            self.link_as_newest(at);
        }
    }

    /// Adds an entry as the newest. The caller has seen to it that there is none like it.
    pub(super) fn insert(&mut self, hash: u64, value: V) {
        let bucket = self.bucket(hash);
        let Some(first) = self.buckets.get(bucket).copied() else {
            return;
        };
        let slot = Slot {
            value: Some(value),
            hash,
            chain: first,
            newer: NONE,
            older: NONE,
        };
        let at = match self.free.pop() {
            Some(at) => {
                if let Some(place) = self.slot_mut(at) {
                    *place = slot;
                }
                at
            }
            None => {
                let Ok(at) = SlotId::try_from(self.slots.len()) else {
                    return;
                };
                self.slots.push(slot);
                at
            }
        };
        if let Some(first) = self.buckets.get_mut(bucket) {
            *first = at;
        }
        self.link_as_newest(at);
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, at: SlotId) -> Option<V> {
        let slot = self.slot_mut(at)?;
        let (value, hash, next) = (slot.value.take()?, slot.hash, slot.chain);
        self.unlink(at);
        self.unchain(at, hash, next);
        self.free.push(at);
        Some(value)
    }

    fn unchain(&mut self, at: SlotId, hash: u64, next: SlotId) {
        let bucket = self.bucket(hash);
        let Some(first) = self.buckets.get_mut(bucket) else {
            return;
        };
        if *first == at {
            *first = next;
            return;
        }
        let mut before = *first;
        while let Some(slot) = self.slot_mut(before) {
            if slot.chain == at {
                slot.chain = next;
                return;
            }
            before = slot.chain;
        }
    }

    fn unlink(&mut self, at: SlotId) {
        let Some((newer, older)) = self.slot(at).map(|slot| (slot.newer, slot.older)) else {
            return;
        };
        match self.slot_mut(newer) {
            Some(newer) => newer.older = older,
            None => self.newest = older,
        }
        match self.slot_mut(older) {
            Some(older) => older.newer = newer,
            None => self.oldest = newer,
        }
    }

    fn link_as_newest(&mut self, at: SlotId) {
        let former = self.newest;
        if let Some(slot) = self.slot_mut(at) {
            (slot.newer, slot.older) = (NONE, former);
        }
        match self.slot_mut(former) {
            Some(former) => former.newer = at,
            None => self.oldest = at,
        }
        self.newest = at;
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the mask cuts off what the cast would"
    )]
    fn bucket(&self, hash: u64) -> usize {
        hash as usize & (self.buckets.len() - 1)
    }

    fn slot(&self, at: SlotId) -> Option<&Slot<V>> {
        self.slots.get(usize::try_from(at).ok()?)
    }

    fn slot_mut(&mut self, at: SlotId) -> Option<&mut Slot<V>> {
        self.slots.get_mut(usize::try_from(at).ok()?)
    }
}

/// No slot: one number more than there can be slots.
const NONE: SlotId = SlotId::MAX;
/// Four times what the configuration allows.
const MAX_SLOTS: usize = 1 << 22;

#[cfg(test)]
mod tests {
    use super::*;

    fn order(lru: &Lru<&'static str>) -> Vec<&'static str> {
        let mut found = Vec::new();
        let mut at = lru.oldest;
        while let Some(slot) = lru.slot(at) {
            found.push(slot.value.unwrap());
            at = slot.newer;
        }
        found
    }

    fn three(hash: impl Fn(u64) -> u64) -> Lru<&'static str> {
        let mut lru = Lru::with_capacity(4);
        for (number, name) in [(1, "a"), (2, "b"), (3, "c")] {
            lru.insert(hash(number), name);
        }
        lru
    }

    #[test]
    fn entries_are_in_the_order_of_their_last_use() {
        let mut lru = three(|number| number);
        assert_eq!(order(&lru), ["a", "b", "c"]);
        for (touched, expected) in [
            (0, ["b", "c", "a"]),
            (2, ["b", "a", "c"]),
            (2, ["b", "a", "c"]),
        ] {
            lru.touch(touched);
            assert_eq!(order(&lru), expected);
        }
    }

    #[test]
    fn any_entry_can_be_taken_out_and_its_slot_is_used_again() {
        for (gone, left) in [(0, ["b", "c"]), (1, ["a", "c"]), (2, ["a", "b"])] {
            // In one bucket each, and all in the same.
            for same in [false, true] {
                let mut lru = three(|number| if same { 7 } else { number });
                assert!(lru.remove(gone).is_some());
                assert_eq!(lru.remove(gone), None);
                assert_eq!((order(&lru), lru.len()), (left.to_vec(), 2));
                lru.insert(if same { 7 } else { 9 }, "d");
                assert_eq!(order(&lru), [left[0], left[1], "d"]);
                assert_eq!(lru.slots.len(), 3);
                for name in [left[0], left[1], "d"] {
                    let found = (0..10).find_map(|hash| lru.find(hash, |own| *own == name));
                    assert_eq!(found.and_then(|at| lru.get(at)), Some(&name));
                }
            }
        }
    }

    #[test]
    fn one_hash_does_not_make_two_entries_the_same() {
        let lru = three(|_| 7);
        assert_eq!(
            lru.find(7, |own| *own == "b").and_then(|at| lru.get(at)),
            Some(&"b")
        );
        assert_eq!(lru.find(7, |own| *own == "x"), None);
        assert_eq!(lru.find(3, |own| *own == "b"), None);
    }

    #[test]
    fn the_last_entry_leaves_an_empty_table() {
        let mut lru = Lru::with_capacity(0);
        lru.insert(1, "a");
        assert_eq!(lru.remove(0), Some("a"));
        assert_eq!((lru.oldest(), lru.newest, lru.len()), (None, NONE, 0));
    }
}
