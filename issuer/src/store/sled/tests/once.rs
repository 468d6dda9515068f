//! Names used once, and revoked tokens.

use std::sync::Arc;

use super::super::super::OnceStore as _;
use super::opened;
use super::records::{END, NOW, digest};

#[tokio::test]
async fn a_name_is_used_once_until_it_is_forgotten() {
    let store = opened();
    assert!(store.use_once(digest(1), END, NOW).await.unwrap());
    assert!(!store.use_once(digest(1), END, NOW).await.unwrap());
    assert!(!store.use_once(digest(1), END + 9, END - 1).await.unwrap());
    assert!(store.use_once(digest(1), END + 9, END).await.unwrap());
    assert!(!store.use_once(digest(1), END + 9, END).await.unwrap());
    assert!(store.use_once(digest(2), END, NOW).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_100_uses_at_once_one_is_the_first() {
    let store = Arc::new(opened());
    let uses: Vec<_> = (0..100)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.use_once(digest(1), END, NOW).await.unwrap() })
        })
        .collect();
    let mut firsts = 0;
    for using in uses {
        firsts += usize::from(using.await.unwrap());
    }
    assert_eq!(firsts, 1);
}

#[tokio::test]
async fn a_revoked_token_is_revoked_and_no_other() {
    let store = opened();
    store.revoke(digest(1), END).await.unwrap();
    store.revoke(digest(1), END).await.unwrap();
    assert!(store.is_revoked(digest(1)).await.unwrap());
    assert!(!store.is_revoked(digest(2)).await.unwrap());
    assert!(store.use_once(digest(1), END, NOW).await.unwrap());
}
