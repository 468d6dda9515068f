//! Everyone who may ask for tokens.

use std::collections::HashMap;
use std::sync::Arc;

use dockgate_token::ClientId;

use super::Client;

/// Every client, by its id: those of the configuration, and those that were added while the issuer
/// ran. No id is in both. A copy shares what it has with the original until one of them changes.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    configured: Arc<HashMap<ClientId, Arc<Client>>>,
    added: Arc<HashMap<ClientId, Arc<Client>>>,
}

impl Clients {
    /// The client of that id.
    pub fn get(&self, id: &ClientId) -> Option<&Client> {
        let client = self.configured.get(id).or_else(|| self.added.get(id));
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
        self.configured().chain(self.added())
    }

    /// Those of the configuration.
    pub fn configured(&self) -> impl Iterator<Item = &Client> {
        self.configured.values().map(Arc::as_ref)
    }

    /// Those that were added.
    pub fn added(&self) -> impl Iterator<Item = &Client> {
        self.added.values().map(Arc::as_ref)
    }

    /// Adds a client to those that were added, in place of one with its id.
    pub fn add(&mut self, client: Client) {
        let added = Arc::make_mut(&mut self.added);
        added.insert(client.id.clone(), Arc::new(client));
    }

    /// Takes one away from those that were added.
    pub fn remove_added(&mut self, id: &ClientId) {
        Arc::make_mut(&mut self.added).remove(id);
    }
}

/// As the configuration has them.
impl From<HashMap<ClientId, Client>> for Clients {
    fn from(configured: HashMap<ClientId, Client>) -> Self {
        let shared = configured.into_iter();
        let shared = shared.map(|(id, client)| (id, Arc::new(client)));
        Self {
            configured: Arc::new(shared.collect()),
            added: Arc::default(),
        }
    }
}

#[cfg(test)]
#[path = "clients/tests.rs"]
mod tests;
