//! Many clients of which one changes at a time. Each change makes a copy of the whole, so the whole
//! is in parts that copies share: a change copies one of them.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher as _;
use std::hash::RandomState;
use std::sync::Arc;

use dockgate_token::ClientId;

use crate::protocol::{Client, Grant};

/// With 20 000 clients a part has some eighty.
const PARTS: usize = 256;

type Part = Arc<HashMap<ClientId, Arc<Client>>>;

/// Clients, by their id.
#[derive(Clone, Debug)]
pub(super) struct Shards {
    parts: Arc<Vec<Part>>,
    /// Which part an id is in is nothing that who registers could choose.
    hasher: RandomState,
    len: usize,
    /// How many have each grant: asked for by requests, which must not look at all of them.
    by_grant: BTreeMap<Grant, usize>,
}

impl Default for Shards {
    fn default() -> Self {
        Self {
            parts: Arc::new(vec![Part::default(); PARTS]),
            hasher: RandomState::new(),
            len: 0,
            by_grant: BTreeMap::new(),
        }
    }
}

impl Shards {
    pub(super) fn get(&self, id: &ClientId) -> Option<&Arc<Client>> {
        self.parts.get(self.place(id))?.get(id)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Arc<Client>> {
        self.parts.iter().flat_map(|part| part.values())
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn some_for(&self, grant: Grant) -> bool {
        self.by_grant.get(&grant).is_some_and(|count| *count > 0)
    }

    pub(super) fn insert(&mut self, client: Arc<Client>) {
        self.remove(&client.id);
        let place = self.place(&client.id);
        if let Some(part) = Arc::make_mut(&mut self.parts).get_mut(place) {
            self.len += 1;
            for grant in &client.grants {
                *self.by_grant.entry(*grant).or_default() += 1;
            }
            Arc::make_mut(part).insert(client.id.clone(), client);
        }
    }

    pub(super) fn remove(&mut self, id: &ClientId) {
        if self.get(id).is_none() {
            return;
        }
        let place = self.place(id);
        let part = Arc::make_mut(&mut self.parts).get_mut(place);
        let removed = part.and_then(|part| Arc::make_mut(part).remove(id));
        if let Some(client) = removed {
            self.len -= 1;
            for grant in &client.grants {
                let count = self.by_grant.entry(*grant).or_default();
                *count = count.saturating_sub(1);
            }
        }
    }

    fn place(&self, id: &ClientId) -> usize {
        let hash = self.hasher.hash_one(id.as_str());
        usize::try_from(hash % PARTS as u64).unwrap_or_default()
    }
}
