//! The embedded store, with real directories.

mod additions;
mod audit;
mod backing_up;
mod codes;
mod damage;
mod devices;
mod documented;
mod ending;
mod flushing;
mod grants;
mod killing;
mod once;
mod opening;
mod others;
mod records;
mod registrations;
mod room;
mod segment_ends;
mod sweeping;

use std::path::Path;

use super::super::StoreError;
use super::SledStore;
use crate::temp_dir::TempDir;

pub(super) const CACHE: u64 = 1 << 20;

/// A store that goes when the test ends.
pub(super) struct Opened {
    pub(super) store: SledStore,
    _dir: TempDir,
}

impl std::ops::Deref for Opened {
    type Target = SledStore;

    fn deref(&self) -> &SledStore {
        &self.store
    }
}

pub(super) fn opened() -> Opened {
    let dir = TempDir::new();
    Opened {
        store: SledStore::open(dir.path(), CACHE).unwrap(),
        _dir: dir,
    }
}

/// Opens a store again. sled's threads may hold on to one that was dropped for a moment.
pub(super) fn try_reopen(path: &Path) -> Result<SledStore, StoreError> {
    for _ in 0..100_000 {
        match SledStore::open(path, CACHE) {
            Err(StoreError::Locked { .. }) => std::thread::yield_now(),
            opened => return opened,
        }
    }
    panic!("the store stays locked");
}

/// The same for one that is not damaged.
pub(super) fn reopen(path: &Path) -> SledStore {
    try_reopen(path).unwrap()
}

impl SledStore {
    /// Opens one that another part of the test has dropped, and that sled's threads may still hold.
    pub(crate) fn opened_again(path: &Path) -> Self {
        reopen(path)
    }

    /// Every row there is but those of the audit log, in order: what a request that is refused must
    /// leave as it was.
    pub(crate) fn all_rows(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut rows = Vec::new();
        for name in self.database.tree_names() {
            if name.starts_with(b"audit") {
                continue;
            }
            let tree = self.database.open_tree(&name).unwrap();
            for row in tree.iter() {
                let (key, value) = row.unwrap();
                rows.push(([name.as_ref(), b"/", key.as_ref()].concat(), value.to_vec()));
            }
        }
        rows.sort();
        rows
    }
}
