//! Why the store did not do what was asked.

use std::fmt;
use std::path::PathBuf;

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
            Self::Damaged { path, detail } => write!(
                f,
                "the store {} is damaged ({detail}); restore it from a backup. To start afresh instead, which makes all tokens invalid, move the directory away",
                path.display()
            ),
            Self::Unusable { path, detail } => write!(
                f,
                "the store {} cannot be used ({detail}); make room and make the directory writable by this user, or set store.path to another one",
                path.display()
            ),
            Self::Failed { detail } => write!(f, "the store failed ({detail})"),
        }
    }
}

impl std::error::Error for StoreError {}
