//! Registrations beside their clients.

use super::*;
use crate::store::{
    AddedBy, AdditionStore as _, RegistrationStore as _, SecretDigest, StoredClient,
    StoredRegistration, Swap,
};

fn client(id: &str) -> StoredClient {
    StoredClient {
        client_id: id.to_owned(),
        table: format!("client_id = {id:?}"),
        added_at: 7,
        disabled: false,
        added_by: AddedBy::Registration,
    }
}

fn registration(at: u64) -> StoredRegistration {
    StoredRegistration {
        access_token: SecretDigest::of(b"token"),
        client_secret: Some(SecretDigest::of(b"secret")),
        registered_at: at,
        used: false,
        metadata: "{}".to_owned(),
    }
}

#[tokio::test]
async fn they_are_there_after_a_restart_and_go_with_their_client() {
    let dir = TempDir::new();
    let store = SledStore::open(dir.path(), CACHE).unwrap();
    for (id, at) in [("a", 1), ("b", 2)] {
        store
            .add_registered_client(&client(id), &registration(at))
            .await
            .unwrap();
    }
    store.note_use("a").await.unwrap();
    store.note_use("nobody").await.unwrap();
    drop(store);
    let store = SledStore::open(dir.path(), CACHE).unwrap();
    assert_eq!(store.added_clients().unwrap(), [client("a"), client("b")]);
    assert_eq!(store.registration("b").unwrap(), Some(registration(2)));
    assert!(store.registration("a").unwrap().unwrap().used);
    assert_eq!(store.unused_registrations().unwrap(), [("b".to_owned(), 2)]);
    store.remove_added_client("b").unwrap();
    assert_eq!(store.registration("b").unwrap(), None);
    assert_eq!(store.registration("nobody").unwrap(), None);
}

#[tokio::test]
async fn a_change_by_who_saw_an_older_one_changes_nothing() {
    let store = opened();
    store
        .add_registered_client(&client("a"), &registration(1))
        .await
        .unwrap();
    let seen = registration(1);
    store.note_use("a").await.unwrap();
    let new = StoredRegistration {
        metadata: "{\"a\":1}".to_owned(),
        ..seen.clone()
    };
    let changed = StoredClient {
        table: "other".to_owned(),
        ..client("a")
    };
    let swap = |old: &StoredRegistration| store.change_registered_client(&changed, old, &new);
    assert_eq!(swap(&seen).unwrap(), Swap::Changed);
    assert_eq!(store.added_client("a").unwrap(), Some(client("a")));
    let current = store.registration("a").unwrap().unwrap();
    assert_eq!(swap(&current).unwrap(), Swap::Done);
    assert_eq!(store.added_client("a").unwrap(), Some(changed.clone()));
    assert_eq!(store.registration("a").unwrap(), Some(new.clone()));
}

#[tokio::test]
async fn where_there_is_no_room_for_the_client_there_is_no_registration() {
    let mut opened = opened();
    opened.store.counts.added_clients = opened.store.counts.added_clients.limited_to(1);
    let store = &opened.store;
    store
        .add_registered_client(&client("a"), &registration(1))
        .await
        .unwrap();
    let full = store
        .add_registered_client(&client("b"), &registration(1))
        .await;
    assert!(matches!(full, Err(StoreError::Full { .. })), "{full:?}");
    assert_eq!(store.registration("b").unwrap(), None);
}
