//! What tests of the rules do to the configured clients, and tests of the registry.

use std::ops::Index;

use super::*;

impl Clients {
    pub(crate) fn get_mut(&mut self, id: &ClientId) -> Option<&mut Client> {
        Arc::make_mut(&mut self.configured)
            .get_mut(id)
            .map(Arc::make_mut)
    }

    pub(crate) fn insert(&mut self, id: ClientId, client: Client) {
        Arc::make_mut(&mut self.configured).insert(id, Arc::new(client));
    }

    pub(crate) fn remove(&mut self, id: &ClientId) {
        Arc::make_mut(&mut self.configured).remove(id);
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&ClientId) -> bool) {
        Arc::make_mut(&mut self.configured).retain(|id, _| keep(id));
    }

    pub(crate) fn clear(&mut self) {
        Arc::make_mut(&mut self.configured).clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values().next().is_none()
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Client> {
        let configured = Arc::make_mut(&mut self.configured);
        configured.values_mut().map(Arc::make_mut)
    }
}

impl Index<&ClientId> for Clients {
    type Output = Client;

    fn index(&self, id: &ClientId) -> &Client {
        self.get(id).unwrap()
    }
}

fn demo() -> Clients {
    crate::protocol::fixture::Fixture::demo().server.clients
}

fn id(id: &str) -> ClientId {
    id.parse().unwrap()
}

fn named(name: &str) -> Client {
    let mut client = demo()[&id("service")].clone();
    client.id = id(name);
    client
}

#[test]
fn a_client_that_was_added_is_one_like_any_other() {
    let mut clients = demo();
    let before = clients.clone();
    clients.add(named("added"));
    assert!(clients.contains_key(&id("added")));
    assert!(!clients.is_configured(&id("added")));
    assert!(clients.values().any(|client| client.id == id("added")));
    assert!(!before.contains_key(&id("added")), "a copy is its own");
    clients.remove_added(&id("added"));
    assert!(!clients.contains_key(&id("added")));
}

#[test]
fn what_is_configured_cannot_be_taken_away() {
    let mut clients = demo();
    clients.remove_added(&id("web"));
    assert!(clients.contains_key(&id("web")));
}

#[test]
fn those_that_registered_are_counted_and_told_apart() {
    let registered = |name: &str| Client {
        provenance: Provenance::Registration,
        ..named(name)
    };
    let mut clients = demo();
    clients.add(named("by-operator"));
    for number in 0..1000 {
        clients.add(registered(&format!("r{number}")));
    }
    clients.add(registered("r7"));
    assert_eq!(clients.registered_count(), 1000);
    assert_eq!(clients.registered().count(), 1000);
    assert!(
        clients
            .by_operator()
            .all(|client| !client.describes_itself())
    );
    let before = clients.clone();
    clients.remove_added(&id("r7"));
    clients.remove_added(&id("r7"));
    assert_eq!(clients.registered_count(), 999);
    assert!(!clients.contains_key(&id("r7")));
    assert!(before.contains_key(&id("r7")), "a copy is its own");
    assert_eq!(before.registered_count(), 1000);
}
