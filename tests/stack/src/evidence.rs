//! What a whole run of tests leaves behind, to be searched for the secrets that went through it.
//!
//! Whoever wants it sets [`EVIDENCE_VARIABLE`] to a directory. Stacks then keep what they wrote below
//! it, and each secret that a test sent or was given is written down there. Without it nothing is kept.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Names the directory.
pub const EVIDENCE_VARIABLE: &str = "DOCKGATE_TEST_EVIDENCE";

/// Where stacks are, below the directory. What each has in `logs` and `store` is to be searched.
pub const EVIDENCE_STACKS: &str = "stacks";

/// Where the secrets are, below the directory: a line each, with its kind and the value in hexadecimal.
pub const EVIDENCE_SECRETS: &str = "secrets";

/// The directory, if evidence is kept.
pub(crate) fn directory() -> Option<&'static Path> {
    static DIRECTORY: OnceLock<Option<PathBuf>> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(|| std::env::var_os(EVIDENCE_VARIABLE).map(Into::into));
    directory.as_deref()
}

/// Writes down a secret of a kind, which is one word.
///
/// # Panics
/// When it cannot be written: a search that does not know it would find nothing.
#[expect(
    clippy::panic,
    reason = "only tests keep evidence, and without it they show nothing"
)]
pub fn keep_secret(kind: &str, secret: &[u8]) {
    static KEPT: Mutex<Option<Kept>> = Mutex::new(None);
    let Some(directory) = directory() else {
        return;
    };
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let written = match &mut *kept {
        Some(kept) => kept.add(kind, secret),
        none => Kept::open(directory).and_then(|new| none.insert(new).add(kind, secret)),
    };
    if let Err(error) = written {
        panic!(
            "a secret cannot be written down in {}: {error}",
            directory.display()
        );
    }
}

struct Kept {
    known: HashSet<Vec<u8>>,
    file: File,
}

impl Kept {
    fn open(directory: &Path) -> std::io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true);
        Ok(Self {
            known: HashSet::new(),
            file: file.open(directory.join(EVIDENCE_SECRETS))?,
        })
    }

    fn add(&mut self, kind: &str, secret: &[u8]) -> std::io::Result<()> {
        if !self.known.insert(secret.to_vec()) {
            return Ok(());
        }
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        // One write, so that the lines of two processes do not mix.
        self.file.write_all(format!("{kind} {hex}\n").as_bytes())
    }
}
