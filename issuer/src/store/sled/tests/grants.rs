//! Grants.

use std::sync::Arc;

use super::super::super::{GrantStore as _, Swap};
use super::opened;
use super::records::{END, NOW, grant, id, rotated};

#[tokio::test]
async fn a_grant_is_alive_until_it_expires_or_is_removed() {
    let store = opened();
    let alice = grant("alice");
    assert_eq!(store.grant(id(1), NOW).await.unwrap(), None);
    store.add_grant(id(1), &alice).await.unwrap();
    assert_eq!(store.grant(id(1), END - 1).await.unwrap(), Some(alice));
    assert_eq!(store.grant(id(1), END).await.unwrap(), None);
    store.remove_grant(id(1)).await.unwrap();
    assert_eq!(store.grant(id(1), NOW).await.unwrap(), None);
    store.remove_grant(id(1)).await.unwrap();
}

#[tokio::test]
async fn a_swap_is_done_only_to_what_it_expects() {
    let store = opened();
    let swapped = |old, new| store.swap_grant(id(1), old, new);
    let [first, second, third] = [rotated(0), rotated(1), rotated(2)];
    assert_eq!(swapped(&first, &second).await.unwrap(), Swap::Changed);
    store.add_grant(id(1), &first).await.unwrap();
    assert_eq!(swapped(&second, &third).await.unwrap(), Swap::Changed);
    assert_eq!(swapped(&first, &second).await.unwrap(), Swap::Done);
    assert_eq!(swapped(&first, &third).await.unwrap(), Swap::Changed);
    assert_eq!(store.grant(id(1), NOW).await.unwrap(), Some(second.clone()));
    store.remove_grant(id(1)).await.unwrap();
    assert_eq!(store.grant(id(1), NOW).await.unwrap(), None);
    assert_eq!(swapped(&second, &third).await.unwrap(), Swap::Changed);
}

#[tokio::test]
async fn a_swap_compares_what_records_say_and_not_how() {
    let store = opened();
    store.add_grant(id(1), &grant("alice")).await.unwrap();
    let mut reordered = grant("alice");
    reordered.scope = "api:write api:read".parse().unwrap();
    let swapped = store.swap_grant(id(1), &reordered, &rotated(1)).await;
    assert_eq!(swapped.unwrap(), Swap::Done);
}

#[tokio::test]
async fn the_grants_of_a_user_are_those_that_are_alive() {
    let store = opened();
    for (number, subject) in [(1, "alice"), (2, "bob"), (3, "alice"), (4, "alice")] {
        store.add_grant(id(number), &grant(subject)).await.unwrap();
    }
    store.remove_grant(id(3)).await.unwrap();
    let mut ids: Vec<_> = store.grants_of("alice", NOW).await.unwrap();
    ids.sort_by_key(|(id, _)| *id);
    assert_eq!(ids, [(id(1), grant("alice")), (id(4), grant("alice"))]);
    assert_eq!(store.grants_of("carol", NOW).await.unwrap(), []);
    assert_eq!(store.grants_of("alice", END).await.unwrap(), []);
    assert!(store.tables.grants_by_subject.count().unwrap() == 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_swaps_at_once_exactly_one_is_done() {
    let store = Arc::new(opened());
    store.add_grant(id(1), &rotated(0)).await.unwrap();
    for round in 0..10 {
        let attempts: Vec<_> = (0..32)
            .map(|_| {
                let store = store.clone();
                let (old, new) = (rotated(round), rotated(round + 1));
                tokio::spawn(async move { store.swap_grant(id(1), &old, &new).await.unwrap() })
            })
            .collect();
        let mut done = 0;
        for attempt in attempts {
            done += usize::from(attempt.await.unwrap() == Swap::Done);
        }
        assert_eq!(done, 1, "round {round}");
    }
}
