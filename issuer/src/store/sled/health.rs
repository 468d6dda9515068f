//! Whether the store still works. A store that failed to write once is never written to again:
//! what sled then has in memory and what is on disk are no longer known to be the same.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tracing::error;

use super::super::StoreError;

/// Shared by everything that writes.
pub(super) struct Health {
    path: PathBuf,
    failure: OnceLock<String>,
}

impl Health {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            failure: OnceLock::new(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Why nothing is written any more.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// Refuses once a write has failed.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match self.failure() {
            None => Ok(()),
            Some(reason) => Err(StoreError::Failed {
                detail: reason.to_owned(),
            }),
        }
    }

    /// From now on every write is refused. The first reason stays.
    pub(super) fn fail(&self, detail: &str) {
        let reason = format!("an earlier write did not succeed: {detail}");
        if self.failure.set(reason).is_ok() {
            error!(store = %self.path.display(), detail, "the store failed; nothing more is written, restart the issuer once the cause is gone");
        }
    }

    /// Refuses writes from now on without calling it a failure.
    pub(super) fn close(&self) {
        self.failure.set("the store is closed".to_owned()).ok();
    }

    /// Calls sled while the store is being opened.
    pub(super) fn open<T>(&self, call: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreError> {
        caught(call).map_err(|Fault { detail, is_damage }| {
            let path = self.path.clone();
            if is_damage {
                StoreError::Damaged { path, detail }
            } else if detail.contains("could not acquire lock") {
                // An I/O error to sled, which only its text tells apart.
                StoreError::Locked { path }
            } else {
                StoreError::Unusable { path, detail }
            }
        })
    }

    /// Reads. An error says nothing about other records.
    pub(super) fn read<T>(&self, call: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreError> {
        caught(call).map_err(|fault| {
            error!(store = %self.path.display(), detail = fault.detail, "a record could not be read");
            self.explain(fault)
        })
    }

    /// Writes. An error is the last thing that this store does.
    pub(super) fn write<T>(&self, call: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreError> {
        self.check()?;
        caught(call).map_err(|fault| {
            self.fail(&fault.detail);
            self.explain(fault)
        })
    }

    /// What a record that does not parse is answered with.
    pub(super) fn unreadable(&self, what: &'static str) -> StoreError {
        error!(store = %self.path.display(), what, "a record is damaged");
        self.damaged(format!("a record of {what} is unreadable"))
    }

    pub(super) fn damaged(&self, detail: String) -> StoreError {
        StoreError::Damaged {
            path: self.path.clone(),
            detail,
        }
    }

    fn explain(&self, fault: Fault) -> StoreError {
        if fault.is_damage {
            self.damaged(fault.detail)
        } else {
            StoreError::Failed {
                detail: fault.detail,
            }
        }
    }
}

/// Why a call of sled's did not succeed.
struct Fault {
    detail: String,
    is_damage: bool,
}

/// sled panics on some kinds of damage where it could return an error.
fn caught<T>(call: impl FnOnce() -> sled::Result<T>) -> Result<T, Fault> {
    let (detail, is_damage) = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(sled::Error::Io(error))) => (error.to_string(), false),
        Ok(Err(sled::Error::Corruption { .. })) => ("its checksums do not match".to_owned(), true),
        Ok(Err(error)) => (error.to_string(), true),
        Err(_) => ("reading it failed half-way".to_owned(), true),
    };
    Err(Fault { detail, is_damage })
}
