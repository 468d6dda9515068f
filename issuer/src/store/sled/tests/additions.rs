//! Clients and users that were added.

use super::*;
use crate::store::{AddedBy, AdditionStore as _, StoredClient, StoredUser};

fn client(id: &str) -> StoredClient {
    StoredClient {
        client_id: id.to_owned(),
        table: format!("client_id = {id:?}"),
        added_at: 7,
        disabled: false,
        added_by: AddedBy::Registration,
    }
}

fn user(name: &str) -> StoredUser {
    StoredUser {
        username: name.to_owned(),
        table: format!("username = {name:?}"),
        added_at: 7,
        disabled: true,
    }
}

#[test]
fn they_are_there_after_a_restart_as_they_were_last_written() {
    let dir = TempDir::new();
    let store = SledStore::open(dir.path(), CACHE).unwrap();
    store.put_added_client(&client("b")).unwrap();
    store.put_added_client(&client("a")).unwrap();
    let changed = StoredClient {
        disabled: true,
        ..client("b")
    };
    store.put_added_client(&changed).unwrap();
    store.put_added_user(&user("carol")).unwrap();
    drop(store);
    let store = reopen(dir.path());
    assert_eq!(store.added_clients().unwrap(), [client("a"), changed]);
    assert_eq!(store.added_client("a").unwrap(), Some(client("a")));
    assert_eq!(store.added_users().unwrap(), [user("carol")]);
}

#[test]
fn what_is_taken_away_is_gone_and_taking_it_again_takes_nothing() {
    let store = opened();
    store.put_added_client(&client("a")).unwrap();
    store.put_added_user(&user("carol")).unwrap();
    assert!(store.remove_added_client("a").unwrap());
    assert!(!store.remove_added_client("a").unwrap());
    assert!(store.remove_added_user("carol").unwrap());
    assert!(!store.remove_added_user("carol").unwrap());
    assert_eq!(store.added_client("a").unwrap(), None);
    assert_eq!(store.added_user("carol").unwrap(), None);
}

#[test]
fn they_are_counted_and_bounded() {
    let mut opened = opened();
    let limited = opened.store.counts.added_clients.limited_to(2);
    opened.store.counts.added_clients = limited;
    opened.put_added_client(&client("a")).unwrap();
    opened.put_added_client(&client("b")).unwrap();
    opened.put_added_client(&client("b")).unwrap();
    let full = opened.put_added_client(&client("c"));
    assert!(matches!(full, Err(StoreError::Full { .. })), "{full:?}");
    assert_eq!(opened.added_client("c").unwrap(), None);
    opened.remove_added_client("a").unwrap();
    opened.put_added_client(&client("c")).unwrap();
}
