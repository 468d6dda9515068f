//! One sled tree, with every call guarded.

use std::convert::Infallible;
use std::ops::Bound;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use sled::transaction::{ConflictableTransactionError, TransactionError};
use sled::{IVec, Transactional as _};

use super::super::StoreError;
use super::health::Health;
use super::records;
use crate::clock::UnixSeconds;

/// A tree under its name in errors. Writes are in memory when they return; see
/// [`super::flusher`] for when they are on disk.
pub(super) struct Table {
    tree: sled::Tree,
    what: &'static str,
    health: Arc<Health>,
}

/// How a compare-and-swap ended; with what is there instead.
pub(super) type Swapped = Result<(), Option<IVec>>;

impl Table {
    pub(super) fn new(tree: sled::Tree, what: &'static str, health: Arc<Health>) -> Self {
        Self { tree, what, health }
    }

    /// What its records are called.
    pub(super) fn what(&self) -> &'static str {
        self.what
    }

    pub(super) fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.health.read(|| self.tree.get(key))
    }

    /// The record, if there is one that is not over at `now`.
    pub(super) fn live<T: DeserializeOwned>(
        &self,
        key: &[u8],
        now: UnixSeconds,
    ) -> Result<Option<T>, StoreError> {
        match self.get(key)? {
            None => Ok(None),
            Some(value) => records::decode_live(&value, now).map_err(|_| self.unreadable()),
        }
    }

    pub(super) fn decode<T: DeserializeOwned>(&self, value: &[u8]) -> Result<T, StoreError> {
        records::decode(value).map_err(|_| self.unreadable())
    }

    /// Gives what was there before.
    pub(super) fn insert(&self, key: &[u8], value: Vec<u8>) -> Result<Option<IVec>, StoreError> {
        self.health.write(|| self.tree.insert(key, value))
    }

    /// Gives what was there.
    pub(super) fn remove(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.health.write(|| self.tree.remove(key))
    }

    pub(super) fn compare_and_swap(
        &self,
        key: &[u8],
        old: Option<&[u8]>,
        new: Option<Vec<u8>>,
    ) -> Result<Swapped, StoreError> {
        let swapped = self
            .health
            .write(|| self.tree.compare_and_swap(key, old, new))?;
        Ok(swapped.map_err(|error| error.current))
    }

    /// Swaps records, comparing what they say: one that an earlier version wrote is the same.
    /// `true` if it was `old`.
    pub(super) fn swap<T: DeserializeOwned + PartialEq>(
        &self,
        key: &[u8],
        old: (&T, Vec<u8>),
        new: &[u8],
    ) -> Result<bool, StoreError> {
        let (old, mut expected) = old;
        loop {
            match self.compare_and_swap(key, Some(&expected), Some(new.to_vec()))? {
                Ok(()) => return Ok(true),
                Err(None) => return Ok(false),
                Err(Some(current)) => {
                    if current == expected || self.decode::<T>(&current)? != *old {
                        return Ok(false);
                    }
                    expected = current.to_vec();
                }
            }
        }
    }

    /// The first `limit` rows behind `after`, or from the start.
    pub(super) fn rows(
        &self,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(IVec, IVec)>, StoreError> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.health.read(|| {
            self.tree
                .range::<&[u8], _>((from, Bound::Unbounded))
                .take(limit)
                .collect()
        })
    }

    /// The last `limit` rows in front of `before`, or of all, the last first.
    pub(super) fn rows_before(
        &self,
        before: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(IVec, IVec)>, StoreError> {
        let to = before.map_or(Bound::Unbounded, Bound::Excluded);
        self.health.read(|| {
            self.tree
                .range::<&[u8], _>((Bound::Unbounded, to))
                .rev()
                .take(limit)
                .collect()
        })
    }

    /// The keys that begin with `prefix`.
    pub(super) fn keys_under(&self, prefix: &[u8]) -> Result<Vec<IVec>, StoreError> {
        self.health
            .read(|| self.tree.scan_prefix(prefix).keys().collect())
    }

    /// The rows whose keys begin with `prefix`, no more than `limit`.
    pub(super) fn under(
        &self,
        prefix: &[u8],
        limit: usize,
    ) -> Result<Vec<(IVec, IVec)>, StoreError> {
        self.health
            .read(|| self.tree.scan_prefix(prefix).take(limit).collect())
    }

    /// Counts the records, reading them all.
    pub(super) fn count(&self) -> Result<usize, StoreError> {
        self.health.read(|| {
            let mut count = 0;
            for key in self.tree.iter().keys() {
                key?;
                count += 1;
            }
            Ok(count)
        })
    }

    /// Writes several rows, all or none.
    pub(super) fn apply(&self, batch: sled::Batch) -> Result<(), StoreError> {
        self.health.write(|| self.tree.apply_batch(batch))
    }

    /// Writes several rows here and in another tree, all or none, also on disk. It stops readers no
    /// longer than [`Self::apply`].
    pub(super) fn apply_both(
        &self,
        batch: &sled::Batch,
        other: &Self,
        others: &sled::Batch,
    ) -> Result<(), StoreError> {
        self.health.write(|| {
            let written = (&self.tree, &other.tree).transaction(|(own, other)| {
                own.apply_batch(batch)?;
                other.apply_batch(others)?;
                Ok::<_, ConflictableTransactionError<Infallible>>(())
            });
            written.map_err(|error| match error {
                TransactionError::Storage(error) => error,
                TransactionError::Abort(never) => match never {},
            })
        })
    }

    /// What a row that is no record is answered with.
    pub(super) fn unreadable(&self) -> StoreError {
        self.health.unreadable(self.what)
    }
}
