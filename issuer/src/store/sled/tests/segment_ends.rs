//! A process that dies at the end of one of sled's segments leaves a store that is whole.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::sync::Arc;

use super::super::super::GrantStore as _;
use super::super::SledStore;
use super::super::disk::{Disk, PROGRESS, position};
use super::super::health::Health;
use super::super::records::encode;
use super::damage::{assert_damaged, copy, grant_id, log};
use super::records::{END, NOW, rotated};
use super::{CACHE, reopen};
use crate::temp_dir::TempDir;

const SEGMENT: u64 = 512 * 1024;

/// More fit into a segment.
const AT_LEAST: u32 = 1_000;

/// What a kill leaves right after a segment was filled up and flushed, when nothing of the next one
/// is written yet. Gives how many grants were written.
fn killed_at_the_end_of_a_segment() -> (TempDir, u32) {
    for _ in 0..50 {
        let dir = TempDir::new();
        let store = SledStore::open(dir.path(), CACHE).unwrap();
        let value = encode(END, &rotated(0)).unwrap();
        let mut written = 0;
        let flushed = loop {
            let position = position(&store.database);
            if (position + 1).is_multiple_of(SEGMENT) {
                break position;
            }
            let id = grant_id(written);
            let grants = &store.tables.grants;
            grants.insert(id.as_bytes(), value.clone()).unwrap();
            written += 1;
        };
        // As a flush notes it that began before the segment was full.
        let noted = flushed.to_be_bytes();
        fs::write(dir.path().join(PROGRESS), noted).unwrap();
        let killed = copy(dir.path());
        // sled writes by threads of its own, which may have come to the next one already.
        let length = fs::metadata(log(killed.path())).unwrap().len();
        if length == flushed + 1 && fs::read(killed.path().join(PROGRESS)).unwrap() == noted {
            return (killed, written);
        }
    }
    panic!("sled is never between two segments");
}

async fn assert_whole(path: &Path, written: u32) {
    let store = reopen(path);
    // Those of the next segment were never flushed.
    let mut kept = 0;
    for number in 0..written {
        let grant = store.grant(grant_id(number), NOW).await.unwrap();
        assert!(
            grant.is_none() || kept == number,
            "{number} without one before"
        );
        kept += u32::from(grant.is_some());
    }
    assert!(kept > AT_LEAST, "{kept} of {written}");
}

#[tokio::test]
async fn a_kill_after_the_flush_of_a_full_segment_damages_nothing() {
    let (killed, written) = killed_at_the_end_of_a_segment();
    assert_whole(killed.path(), written).await;
    assert_whole(killed.path(), written).await;
}

#[tokio::test]
async fn nor_does_a_second_one_while_that_store_is_opened() {
    let (killed, written) = killed_at_the_end_of_a_segment();
    let health = Arc::new(Health::new(killed.path()));
    let opening = Disk::open(&health, CACHE).unwrap();
    let killed_again = copy(killed.path());
    drop(opening);
    assert_whole(killed_again.path(), written).await;
}

#[test]
fn what_was_flushed_before_the_end_of_a_segment_is_still_missed() {
    let (killed, _) = killed_at_the_end_of_a_segment();
    let file = OpenOptions::new().write(true).open(log(killed.path()));
    let file = file.unwrap();
    let length = file.metadata().unwrap().len();
    for cut in [1_000, SEGMENT / 2, SEGMENT] {
        file.set_len(length - cut).unwrap();
        assert_damaged(killed.path());
    }
}
