//! Writes wait for the disk together, and a disk that fails ends them all.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Waker};

use super::super::super::{
    CodeStore as _, GrantStore as _, OnceStore as _, PageSecretStore as _, Reachable as _,
    StoreError, Swap,
};
use super::super::SledStore;
use super::super::disk::CLEAN;
use super::records::{END, NOW, code, digest, grant, id, rotated};
use super::{CACHE, reopen};
use crate::temp_dir::TempDir;

/// A store whose disk fails from when it is told to.
fn failing(dir: &TempDir, how: fn() -> Result<(), String>) -> (SledStore, Arc<AtomicBool>) {
    let fails = Arc::new(AtomicBool::new(false));
    let switch = fails.clone();
    let store = SledStore::open_with(dir.path(), CACHE, |mut persist| {
        Box::new(move || {
            if fails.load(Ordering::SeqCst) {
                how()
            } else {
                persist()
            }
        })
    });
    (store.unwrap(), switch)
}

async fn assert_all_writes_fail(store: &SledStore) {
    let results = [
        store.add_grant(id(2), &grant("alice")).await,
        store.add_code(digest(1), &code(id(3))).await,
        store.remove_grant(id(1)).await,
        store.use_once(digest(1), END, NOW).await.map(drop),
        store.page_secret([1; 32]).map(drop),
        store.reach(),
        store.close(),
    ];
    for (number, result) in results.into_iter().enumerate() {
        let failed = matches!(result, Err(StoreError::Failed { .. }));
        assert!(failed, "{number}: {result:?}");
    }
}

#[tokio::test]
async fn a_flush_that_fails_is_the_last_thing_the_store_does() {
    let full = || Err("No space left on device".to_owned());
    let panicking = || panic!("in the database");
    for how in [full as fn() -> _, panicking] {
        let dir = TempDir::new();
        let (store, fails) = failing(&dir, how);
        store.add_grant(id(1), &rotated(0)).await.unwrap();
        store.reach().unwrap();
        fails.store(true, Ordering::SeqCst);
        let lost = store.swap_grant(id(1), &rotated(0), &rotated(1)).await;
        assert!(matches!(lost, Err(StoreError::Failed { .. })), "{lost:?}");
        assert_all_writes_fail(&store).await;
        // Even if the disk recovers: what was lost is not written again.
        fails.store(false, Ordering::SeqCst);
        assert_all_writes_fail(&store).await;
        assert!(!dir.path().join(CLEAN).exists());
        drop(store);
        let store = reopen(dir.path());
        store.reach().unwrap();
        assert!(store.grant(id(1), NOW).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_who_waits_is_told_of_success_when_the_flush_fails() {
    let dir = TempDir::new();
    let (store, fails) = failing(&dir, || Err("Input/output error".to_owned()));
    let store = Arc::new(store);
    fails.store(true, Ordering::SeqCst);
    let writes: Vec<_> = (0..32)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.add_grant(id(number), &grant("alice")).await })
        })
        .collect();
    for write in writes {
        assert!(write.await.unwrap().is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_share_their_flushes() {
    const WRITERS: u32 = 32;
    const WRITES: u32 = 20;
    let dir = TempDir::new();
    let flushes = Arc::new(AtomicUsize::new(0));
    let count = flushes.clone();
    let store = SledStore::open_with(dir.path(), CACHE, |mut persist| {
        Box::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
            persist()
        })
    });
    let store = Arc::new(store.unwrap());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for write in 0..WRITES {
                    let name = digest(writer * WRITES + write);
                    assert!(store.use_once(name, END, NOW).await.unwrap());
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    // Two for each round of all writers would be well; disks and schedulers differ.
    let flushes = flushes.load(Ordering::SeqCst);
    assert!(
        flushes < (WRITERS * WRITES / 4) as usize,
        "{flushes} flushes"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_comes_alone_after_company_waits_for_a_moment_only() {
    let dir = TempDir::new();
    let (store, release) = held(&dir);
    let store = Arc::new(store);
    let writes: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.use_once(digest(number), END, NOW).await })
        })
        .collect();
    drop(release);
    for write in writes {
        assert!(write.await.unwrap().unwrap());
    }
    // Nobody joins this one, whoever was expected.
    assert!(store.use_once(digest(8), END, NOW).await.unwrap());
    let before = store.flusher.flushes();
    assert!(store.use_once(digest(9), END, NOW).await.unwrap());
    assert_eq!(store.flusher.flushes(), before + 1);
}

/// A store whose flushes wait for a word each; the first ones are those of opening.
fn held(dir: &TempDir) -> (SledStore, mpsc::Sender<()>) {
    let (release, released) = mpsc::channel();
    let released = Mutex::new(released);
    // Whoever opens a store waits for its first flush.
    release.send(()).unwrap();
    let store = SledStore::open_with(dir.path(), CACHE, |mut persist| {
        Box::new(move || {
            released.lock().unwrap().recv().ok();
            persist()
        })
    });
    (store.unwrap(), release)
}

/// Whether it has to wait for something.
fn is_pending<T>(future: Pin<&mut impl Future<Output = T>>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    future.poll(&mut context).is_pending()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_do_not_wait_for_the_disk_unless_they_show_what_is_not_on_it() {
    let dir = TempDir::new();
    let (store, release) = held(&dir);
    let store = Arc::new(store);
    for number in [1, 2] {
        release.send(()).unwrap();
        store.add_grant(id(number), &rotated(0)).await.unwrap();
    }
    let writer = store.clone();
    let write =
        tokio::spawn(async move { writer.swap_grant(id(1), &rotated(0), &rotated(1)).await });
    // Until it can be seen.
    while store.tables.grants.live(id(1).as_bytes(), NOW).unwrap() != Some(rotated(1)) {
        tokio::task::yield_now().await;
    }
    // The flush is not allowed to happen: this would wait for ever.
    assert_eq!(store.grant(id(2), NOW).await.unwrap(), Some(rotated(0)));
    let mut read = pin!(store.grant(id(1), NOW));
    assert!(is_pending(read.as_mut()) && !write.is_finished());
    drop(release);
    assert_eq!(write.await.unwrap().unwrap(), Swap::Done);
    assert_eq!(read.await.unwrap(), Some(rotated(1)));
    assert!(!store.unsettled.contains(id(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_told_that_a_grant_is_gone_before_that_is_on_disk() {
    let dir = TempDir::new();
    let (store, release) = held(&dir);
    let store = Arc::new(store);
    release.send(()).unwrap();
    store.add_grant(id(1), &rotated(0)).await.unwrap();
    let remover = store.clone();
    let removal = tokio::spawn(async move { remover.remove_grant(id(1)).await });
    // Until it can be seen.
    while store.tables.grants.get(id(1).as_bytes()).unwrap().is_some() {
        tokio::task::yield_now().await;
    }
    let mut read = pin!(store.grant(id(1), NOW));
    assert!(is_pending(read.as_mut()) && !removal.is_finished());
    drop(release);
    removal.await.unwrap().unwrap();
    assert_eq!(read.await.unwrap(), None);
}
