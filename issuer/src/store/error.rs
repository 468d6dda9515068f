//! Why the store did not do what was asked.

use std::fmt;
use std::path::{Path, PathBuf};

/// One variant per reason; the text says what an operator can do.
#[derive(Debug)]
pub enum StoreError {
    /// Another process has the store open.
    Locked {
        /// Where the store is.
        path: PathBuf,
    },
    /// What is on disk cannot be trusted.
    Damaged {
        /// Where the store is.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The directory cannot be created, read or written.
    Unusable {
        /// Where the store is.
        path: PathBuf,
        /// What the operating system said.
        detail: String,
    },
    /// Other users of the machine may open the directory, and its mode was not changed.
    Exposed {
        /// The directory.
        path: PathBuf,
        /// Why its mode was not changed.
        detail: String,
    },
    /// There is a store where a backup is to be restored.
    Occupied {
        /// Where the store is.
        path: PathBuf,
    },
    /// There are as many records of a kind as are allowed; they go as they expire.
    Full {
        /// Of what kind.
        what: &'static str,
    },
    /// A read or write failed while the issuer was running.
    Failed {
        /// What the store said.
        detail: String,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { path } => write!(
                f,
                "the store {} is in use by another process; stop that process, or set store.path to another directory",
                path.display()
            ),
            Self::Damaged { path, detail } => {
                write!(f, "the store {} is damaged ({detail})", path.display())
            }
            Self::Unusable { path, detail } => write!(
                f,
                "the store {} cannot be used ({detail}); make room and make the directory writable by this user, or set store.path to another one",
                path.display()
            ),
            Self::Exposed { path, detail } => write!(
                f,
                "other users may open {}, which would hold the private signing keys, and its mode stays as it is ({detail}); run `chmod 700` on it as its owner, or set store.path to a new directory below it",
                path.display()
            ),
            Self::Occupied { path } => write!(
                f,
                "there is a store in {path} already, which is not overwritten; to replace it, stop the issuer and move it away: mv {path} {path}.old",
                path = path.display()
            ),
            Self::Full { what } => write!(
                f,
                "there are as many {what} as the store keeps at once; the oldest will expire soon"
            ),
            Self::Failed { detail } => write!(f, "the store failed ({detail})"),
        }
    }
}

impl std::error::Error for StoreError {}

/// What the operating system says about a directory.
pub(super) fn unusable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unusable {
        path: path.to_owned(),
        detail: error.to_string(),
    }
}
