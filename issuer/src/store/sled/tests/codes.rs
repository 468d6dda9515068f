//! Authorization codes.

use std::sync::Arc;

use super::super::super::{CodeStore as _, GrantStore as _, Redemption, StoreError, StoredCode};
use super::super::SledStore;
use super::records::{END, NOW, code, digest, grant, id};
use super::{CACHE, opened, reopen};
use crate::temp_dir::TempDir;

#[tokio::test]
async fn a_code_is_redeemed_once_and_becomes_its_grant() {
    let store = opened();
    store.add_code(digest(1), &code(id(1))).await.unwrap();
    let stored = store.code(digest(1), NOW).await.unwrap();
    assert_eq!(stored, Some(code(id(1))));
    let first = store.redeem_code(digest(1), &grant("alice")).await.unwrap();
    assert_eq!(first, Redemption::First);
    let granted = store.grant(id(1), NOW).await.unwrap();
    assert_eq!(granted, Some(grant("alice")));
    assert_eq!(store.grants_of("alice", NOW).await.unwrap().len(), 1);

    let second = store.redeem_code(digest(1), &grant("alice")).await.unwrap();
    assert_eq!(second, Redemption::Again);
    let redeemed = StoredCode {
        redeemed: true,
        ..code(id(1))
    };
    assert_eq!(store.code(digest(1), NOW).await.unwrap(), Some(redeemed));
    assert_eq!(store.code(digest(1), END).await.unwrap(), None);
}

#[tokio::test]
async fn a_code_that_is_not_there_was_redeemed_before() {
    let store = opened();
    let redeemed = store.redeem_code(digest(1), &grant("alice")).await.unwrap();
    assert_eq!(redeemed, Redemption::Again);
    assert_eq!(store.grants_of("alice", NOW).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_100_redemptions_at_once_one_is_the_first_and_no_grant_outlives_a_replay() {
    let store = Arc::new(opened());
    for round in 0..10 {
        let id = id(round);
        store
            .add_code(digest(round.into()), &code(id))
            .await
            .unwrap();
        let attempts: Vec<_> = (0..100)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let code = digest(round.into());
                    let redeemed = store.redeem_code(code, &grant("alice")).await.unwrap();
                    if redeemed == Redemption::Again {
                        store.remove_grant(id).await.unwrap();
                    }
                    redeemed
                })
            })
            .collect();
        let mut firsts = 0;
        for attempt in attempts {
            firsts += usize::from(attempt.await.unwrap() == Redemption::First);
        }
        assert_eq!(firsts, 1, "round {round}");
        assert_eq!(store.grant(id, NOW).await.unwrap(), None);
        assert_eq!(store.grants_of("alice", NOW).await.unwrap(), []);
    }
}

#[tokio::test]
async fn codes_outlive_a_clean_stop() {
    let dir = TempDir::new();
    let store = SledStore::open(dir.path(), CACHE).unwrap();
    store.add_code(digest(1), &code(id(1))).await.unwrap();
    store.close().unwrap();
    drop(store);
    let store = reopen(dir.path());
    assert!(store.code(digest(1), NOW).await.unwrap().is_some());
    let redeemed = store.redeem_code(digest(1), &grant("alice")).await.unwrap();
    assert_eq!(redeemed, Redemption::First);
}

#[tokio::test]
async fn no_code_outlives_an_unclean_stop() {
    let dir = TempDir::new();
    let store = SledStore::open(dir.path(), CACHE).unwrap();
    for number in [1, 2] {
        store.add_code(digest(number), &code(id(1))).await.unwrap();
    }
    let first = store.redeem_code(digest(1), &grant("alice")).await.unwrap();
    assert_eq!(first, Redemption::First);
    drop(store);
    // Not even when the stop after it is clean.
    for clean in [true, false] {
        let store = reopen(dir.path());
        for number in [1, 2] {
            assert_eq!(store.code(digest(number), NOW).await.unwrap(), None);
            let again = store.redeem_code(digest(number), &grant("alice")).await;
            assert_eq!(again.unwrap(), Redemption::Again);
        }
        let new = 10 + u32::from(clean);
        store.add_code(digest(new), &code(id(2))).await.unwrap();
        assert!(store.code(digest(new), NOW).await.unwrap().is_some());
        if clean {
            store.close().unwrap();
        }
    }
}

#[tokio::test]
async fn no_more_codes_are_kept_than_allowed() {
    let mut store = opened();
    store.store.counts.codes = store.store.counts.codes.limited_to(2);
    for number in [1, 2] {
        store.add_code(digest(number), &code(id(1))).await.unwrap();
    }
    let full = store.add_code(digest(3), &code(id(1))).await;
    assert!(matches!(full, Err(StoreError::Full { .. })), "{full:?}");
    assert_eq!(store.code(digest(3), NOW).await.unwrap(), None);
}
