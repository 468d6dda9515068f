//! Damaged files are noticed, and never make an older or an empty store of it.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::super::super::{GrantId, GrantStore as _, OnceStore as _, Reachable as _, StoreError};
use super::super::SledStore;
use super::super::disk::{DATABASE, LOG};
use super::super::records::encode;
use super::records::{END, NOW, digest, id, rotated};
use super::{CACHE, reopen, try_reopen};
use crate::entropy::system_entropy;
use crate::temp_dir::TempDir;

/// Enough for several segments of the log.
const GRANTS: u32 = 1_200;
const STEPS: u32 = 2;
const FLIPS: usize = 20;

pub(super) fn log(path: &Path) -> PathBuf {
    path.join(DATABASE).join(LOG)
}

pub(super) fn grant_id(number: u32) -> GrantId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    GrantId::from_bytes(bytes)
}

/// A store in which every token has been rotated to the last of [`STEPS`].
fn filled() -> TempDir {
    let dir = TempDir::new();
    let store = SledStore::open(dir.path(), CACHE).unwrap();
    for step in 0..=STEPS {
        let value = encode(END, &rotated(step)).unwrap();
        for number in 0..GRANTS {
            let id = grant_id(number);
            store
                .tables
                .grants
                .insert(id.as_bytes(), value.clone())
                .unwrap();
        }
        store.flusher.durable_blocking().unwrap();
    }
    drop(store);
    dir
}

fn random(below: u64) -> u64 {
    let mut bytes = [0; 8];
    system_entropy(&mut bytes).unwrap();
    u64::from_be_bytes(bytes) % below
}

pub(super) fn copy(from: &Path) -> TempDir {
    fn copy_all(from: &Path, to: &Path) {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                fs::create_dir(&to).unwrap();
                copy_all(&entry.path(), &to);
            } else {
                fs::copy(entry.path(), &to).unwrap();
            }
        }
    }
    let dir = TempDir::new();
    copy_all(from, dir.path());
    dir
}

/// Changes one bit of the log. Gives where.
fn flip(path: &Path) -> (u64, u64) {
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).open(log(path)).unwrap();
    let (at, bit) = (random(file.metadata().unwrap().len()), random(8));
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    byte[0] ^= 1 << bit;
    file.write_all_at(&byte, at).unwrap();
    (at, bit)
}

/// A store that opens may refuse to read what is damaged, but gives nothing that was replaced.
async fn assert_nothing_is_older(path: &Path, flipped: (u64, u64)) -> bool {
    let store = match try_reopen(path) {
        Err(StoreError::Damaged { .. }) => return true,
        opened => opened.unwrap(),
    };
    let mut noticed = false;
    for number in 0..GRANTS {
        match store.grant(grant_id(number), NOW).await {
            Err(StoreError::Damaged { .. }) => noticed = true,
            read => assert_eq!(read.unwrap(), Some(rotated(STEPS)), "{flipped:?}"),
        }
    }
    noticed
}

#[tokio::test]
async fn a_flipped_bit_makes_no_record_older() {
    let killed = filled();
    let started_again = copy(killed.path());
    // What sled has read again once it only reads by need.
    drop(reopen(started_again.path()));
    for source in [killed, started_again] {
        let mut noticed = 0;
        for _ in 0..FLIPS {
            let copy = copy(source.path());
            let flipped = flip(copy.path());
            noticed += usize::from(assert_nothing_is_older(copy.path(), flipped).await);
        }
        assert!(noticed > 0, "most of the log is in use");
    }
}

#[track_caller]
pub(super) fn assert_damaged(path: &Path) {
    // Not the first time only: what was found must not be taken for repaired.
    for _ in 0..2 {
        match try_reopen(path) {
            Err(StoreError::Damaged { .. }) => {}
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it opened"),
        }
    }
}

#[test]
fn a_log_that_is_cut_off_is_damaged() {
    let source = filled();
    let length = fs::metadata(log(source.path())).unwrap().len();
    for kept in [0, 10, length / 2, length - 1_000, length - 1] {
        let copy = copy(source.path());
        let file = OpenOptions::new().write(true).open(log(copy.path()));
        file.unwrap().set_len(kept).unwrap();
        assert_damaged(copy.path());
    }
}

#[test]
fn a_log_that_is_gone_is_damage_and_no_new_store() {
    let dir = filled();
    fs::remove_file(log(dir.path())).unwrap();
    assert_damaged(dir.path());
    assert!(!log(dir.path()).exists());
}

#[test]
fn zeros_in_the_log_are_damage() {
    let dir = filled();
    let file = OpenOptions::new().write(true).open(log(dir.path()));
    file.unwrap().write_all_at(&[0; 4096], 600_000).unwrap();
    assert_damaged(dir.path());
}

#[tokio::test]
async fn a_snapshot_that_was_not_finished_does_no_harm() {
    let dir = filled();
    let half = dir
        .path()
        .join(DATABASE)
        .join("snap.00000000FFFFFFFF.generating");
    fs::write(&half, "half").unwrap();
    let store = reopen(dir.path());
    assert!(!half.exists());
    let grant = store.grant(grant_id(1), NOW).await.unwrap();
    assert_eq!(grant, Some(rotated(STEPS)));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_an_error_and_the_others_are_not() {
    let store = super::opened();
    store.add_grant(id(1), &rotated(0)).await.unwrap();
    let grants = &store.tables.grants;
    for value in [vec![], vec![9; 8], vec![9; 400]] {
        grants.insert(id(2).as_bytes(), value).unwrap();
        let read = store.grant(id(2), NOW).await;
        assert!(matches!(read, Err(StoreError::Damaged { .. })), "{read:?}");
    }
    assert!(store.grant(id(1), NOW).await.unwrap().is_some());
    store.reach().unwrap();
    assert!(store.use_once(digest(1), END, NOW).await.unwrap());
    store.remove_grant(id(2)).await.unwrap();
}
