//! Why the stack did not start.

use std::fmt;
use std::path::PathBuf;

use crate::{MissingArtifact, NoFreePort, PlaceholderError};

/// Why the stack did not start, or a part of it did not stay up.
#[derive(Debug)]
pub enum StackError {
    /// Something has not been built.
    Artifact(MissingArtifact),
    /// A committed configuration is not what the stack expects.
    Placeholder(PlaceholderError),
    /// No port could be had.
    Ports(NoFreePort),
    /// A configuration to merge is not TOML.
    NotToml {
        /// Which file.
        path: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// Another stack uses the directory.
    DirectoryInUse {
        /// Which one.
        path: PathBuf,
    },
    /// A file or a process could not be handled.
    Io {
        /// What was being done.
        doing: String,
        /// What the system answered.
        source: std::io::Error,
    },
    /// A process ended that should have kept running.
    Died {
        /// Which one.
        name: &'static str,
        /// How it ended.
        status: String,
        /// Its last log lines.
        log: String,
    },
    /// A part did not become ready in time.
    NotReady {
        /// What was waited for.
        waiting_for: String,
        /// What was seen instead, last.
        seen: String,
    },
    /// Somebody asked for a stop while the stack was starting.
    Stopped,
}

impl fmt::Display for StackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Artifact(missing) => missing.fmt(f),
            Self::Placeholder(error) => error.fmt(f),
            Self::Ports(error) => error.fmt(f),
            Self::NotToml { path, reason } => write!(f, "{}: {reason}", path.display()),
            Self::DirectoryInUse { path } => write!(
                f,
                "{} is in use by another `cargo xtask up`: stop that one, or name another \
                 directory with --data DIR",
                path.display()
            ),
            Self::Io { doing, source } => write!(f, "{doing}: {source}"),
            Self::Died { name, status, log } => {
                write!(f, "{name} ended ({status}); its last log lines:\n{log}")
            }
            Self::NotReady { waiting_for, seen } => {
                write!(f, "waited in vain for {waiting_for}; last seen: {seen}")
            }
            Self::Stopped => f.write_str("stopped while starting"),
        }
    }
}

impl std::error::Error for StackError {}

impl From<MissingArtifact> for StackError {
    fn from(error: MissingArtifact) -> Self {
        Self::Artifact(error)
    }
}

impl From<PlaceholderError> for StackError {
    fn from(error: PlaceholderError) -> Self {
        Self::Placeholder(error)
    }
}

impl From<NoFreePort> for StackError {
    fn from(error: NoFreePort) -> Self {
        Self::Ports(error)
    }
}

/// Adds to an I/O error what was being done.
pub(crate) trait Doing<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T, StackError>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T, StackError> {
        self.map_err(|source| StackError::Io {
            doing: doing(),
            source,
        })
    }
}
