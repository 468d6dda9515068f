//! Removal of what has expired.

use super::super::super::{
    CodeStore as _, DeviceStore as _, GrantStore as _, OnceStore as _, Room, StoredGrant,
    Sweep as _, Swept,
};
use super::super::sweep::LINGER;
use super::opened;
use super::records::{END, NOW, code, device, digest, grant, id};

#[tokio::test]
async fn what_has_expired_goes_and_nothing_else() {
    let store = opened();
    let longer = StoredGrant {
        expires_at: END + 1,
        ..grant("alice")
    };
    store.add_grant(id(1), &grant("alice")).await.unwrap();
    store.add_grant(id(2), &longer).await.unwrap();
    store.add_code(digest(1), &code(id(1))).await.unwrap();
    store
        .add_device(digest(1), &device("A"), Room::Whole, NOW)
        .await
        .unwrap();
    store.use_once(digest(1), END, NOW).await.unwrap();
    store.use_once(digest(2), END + 1, NOW).await.unwrap();
    store.revoke(digest(1), END).await.unwrap();

    let nothing = store.sweep(END - 1, 100).unwrap();
    assert_eq!(
        nothing,
        Swept {
            seen: 10,
            removed: 0
        }
    );
    // The row of the first grant goes with it, and is not counted.
    let swept = store.sweep(END, 100).unwrap();
    assert_eq!(
        swept,
        Swept {
            seen: 9,
            removed: 4
        }
    );
    assert_eq!(store.tables.grants_by_subject.count().unwrap(), 1);
    let kept = store.grants_of("alice", END).await.unwrap();
    assert_eq!(kept, [(id(2), longer)]);
    assert!(!store.use_once(digest(2), END + 9, END).await.unwrap());
    assert_eq!(store.counts.codes.present(), 0);
    assert_eq!(store.counts.devices.present(), 0);
    assert_eq!(store.tables.user_codes.count().unwrap(), 0);
}

#[tokio::test]
async fn a_clock_that_ran_ahead_brings_nothing_back() {
    let store = opened();
    store.use_once(digest(1), END, NOW).await.unwrap();
    store.revoke(digest(2), END).await.unwrap();
    let ahead = END + LINGER;
    assert_eq!(store.sweep(ahead - 1, 100).unwrap().removed, 0);
    // Back in time, both still have to be refused.
    assert!(!store.use_once(digest(1), END, END - 1).await.unwrap());
    assert!(store.is_revoked(digest(2)).await.unwrap());
    assert_eq!(store.sweep(ahead, 100).unwrap().removed, 2);
    assert_eq!(store.counts.used_names.present(), 0);
    assert_eq!(store.counts.revoked_tokens.present(), 0);
}

#[tokio::test]
async fn a_sweep_keeps_to_its_budget_and_the_next_goes_on() {
    let store = opened();
    for number in 0..30 {
        let until = if number % 3 == 0 { END } else { END + 1 };
        store.use_once(digest(number), until, NOW).await.unwrap();
    }
    let mut total = Swept::default();
    for _ in 0..6 {
        let swept = store.sweep(END + LINGER, 5).unwrap();
        assert_eq!(swept.seen, 5);
        total.seen += swept.seen;
        total.removed += swept.removed;
    }
    assert_eq!(
        total,
        Swept {
            seen: 30,
            removed: 10
        }
    );
    assert_eq!(store.counts.used_names.present(), 20);
}

#[tokio::test]
async fn the_row_of_a_grant_that_was_prolonged_stays() {
    let store = opened();
    let longer = StoredGrant {
        expires_at: END + 1,
        ..grant("alice")
    };
    store.add_grant(id(1), &grant("alice")).await.unwrap();
    store
        .swap_grant(id(1), &grant("alice"), &longer)
        .await
        .unwrap();
    let swept = store.sweep(END, 100).unwrap();
    assert_eq!(
        swept,
        Swept {
            seen: 2,
            removed: 0
        }
    );
    assert_eq!(
        store.grants_of("alice", END).await.unwrap(),
        [(id(1), longer)]
    );
    assert_eq!(store.sweep(END + 1, 100).unwrap().removed, 1);
    assert_eq!(store.tables.grants_by_subject.count().unwrap(), 0);
}

#[tokio::test]
async fn a_row_without_its_grant_goes() {
    let store = opened();
    store.add_grant(id(1), &grant("alice")).await.unwrap();
    store.tables.grants.remove(id(1).as_bytes()).unwrap();
    assert_eq!(store.grants_of("alice", NOW).await.unwrap(), []);
    assert_eq!(store.sweep(END, 100).unwrap().removed, 1);
    assert_eq!(store.tables.grants_by_subject.count().unwrap(), 0);
}
