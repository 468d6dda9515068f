//! Everyone who may ask for tokens.

use std::collections::HashMap;
use std::sync::Arc;

use dockgate_token::ClientId;

use super::{Client, Grant, Provenance};

mod shards;

use shards::Shards;

/// Every client, by its id: those of the configuration, those that the operator added while the
/// issuer ran, and those that registered themselves. No id is in two of them. A copy shares what it
/// has with the original until one of them changes.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    configured: Arc<HashMap<ClientId, Arc<Client>>>,
    added: Arc<HashMap<ClientId, Arc<Client>>>,
    registered: Shards,
    /// Of the requests that name them: a copy for one request has those that it is about.
    documents: Arc<HashMap<ClientId, Arc<Client>>>,
}

impl Clients {
    /// The client of that id.
    pub fn get(&self, id: &ClientId) -> Option<&Client> {
        let client = self.configured.get(id).or_else(|| self.added.get(id));
        let client = client.or_else(|| self.registered.get(id));
        let client = client.or_else(|| self.documents.get(id));
        client.map(Arc::as_ref)
    }

    /// Whether there is one of that id.
    pub fn contains_key(&self, id: &ClientId) -> bool {
        self.get(id).is_some()
    }

    /// Whether the configuration has one of that id.
    pub fn is_configured(&self, id: &ClientId) -> bool {
        self.configured.contains_key(id)
    }

    /// Every client.
    pub fn values(&self) -> impl Iterator<Item = &Client> {
        let documents = self.documents.values().map(Arc::as_ref);
        self.by_operator().chain(self.registered()).chain(documents)
    }

    /// Those of the configuration.
    pub fn configured(&self) -> impl Iterator<Item = &Client> {
        self.configured.values().map(Arc::as_ref)
    }

    /// Those that the operator wrote down: in the configuration or while the issuer ran.
    pub fn by_operator(&self) -> impl Iterator<Item = &Client> {
        self.configured()
            .chain(self.added.values().map(Arc::as_ref))
    }

    /// Those that were added while the issuer ran, by whomever.
    pub fn added(&self) -> impl Iterator<Item = &Client> {
        let by_operator = self.added.values().map(Arc::as_ref);
        by_operator.chain(self.registered())
    }

    /// Those that registered themselves.
    pub fn registered(&self) -> impl Iterator<Item = &Client> {
        self.registered.values().map(Arc::as_ref)
    }

    /// How many registered themselves.
    pub fn registered_count(&self) -> usize {
        self.registered.len()
    }

    /// Whether some client that registered itself may use this grant. It may have done so while more
    /// was offered than now.
    pub fn some_registered_for(&self, grant: Grant) -> bool {
        self.registered.some_for(grant)
    }

    /// Adds a client to those that were added, in place of one with its id.
    pub fn add(&mut self, client: Client) {
        let client = Arc::new(client);
        match client.provenance {
            Provenance::Operator => {
                Arc::make_mut(&mut self.added).insert(client.id.clone(), client);
            }
            Provenance::Registration => self.registered.insert(client),
            Provenance::Document => {
                Arc::make_mut(&mut self.documents).insert(client.id.clone(), client);
            }
        }
    }

    /// Takes one away from those that were added.
    pub fn remove_added(&mut self, id: &ClientId) {
        if self.added.contains_key(id) {
            Arc::make_mut(&mut self.added).remove(id);
        }
        self.registered.remove(id);
    }
}

/// As the configuration has them.
impl From<HashMap<ClientId, Client>> for Clients {
    fn from(configured: HashMap<ClientId, Client>) -> Self {
        let shared = configured.into_iter();
        let shared = shared.map(|(id, client)| (id, Arc::new(client)));
        Self {
            configured: Arc::new(shared.collect()),
            ..Self::default()
        }
    }
}

#[cfg(test)]
#[path = "clients/tests.rs"]
mod tests;
