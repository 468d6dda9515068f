//! The directory that one stack writes to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::StackError;
use crate::error::Doing as _;
use crate::evidence;
use rustix::process::{Pid, test_kill_process};

/// Where one stack keeps its configurations, its logs and its store.
#[derive(Debug)]
pub(crate) struct RunDir {
    root: PathBuf,
    temporary: bool,
    /// Held as long as this lives; the system lets go of it when the process ends, however it does.
    _lock: Option<fs::File>,
}

impl RunDir {
    /// A directory that stays.
    ///
    /// # Errors
    /// Before anything in it is touched: when another stack uses it, or it cannot be used.
    pub(crate) fn given(root: &Path) -> Result<Self, StackError> {
        let using = || format!("cannot use {}", root.display());
        fs::create_dir_all(root).doing(using)?;
        let lock = fs::File::create(root.join("lock")).doing(using)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                let path = root.to_path_buf();
                return Err(StackError::DirectoryInUse { path });
            }
            Err(fs::TryLockError::Error(error)) => return Err(error).doing(using),
        }
        Self {
            root: root.canonicalize().doing(using)?,
            temporary: false,
            _lock: Some(lock),
        }
        .prepared()
        .doing(using)
    }

    /// A new directory that is removed when this is dropped, unless it is evidence.
    pub(crate) fn temporary() -> io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let evidence = evidence::directory().map(|kept| kept.join(evidence::EVIDENCE_STACKS));
        let temporary = evidence.is_none();
        let parent = evidence.unwrap_or_else(|| crate::demo_dir().join("stacks"));
        fs::create_dir_all(&parent)?;
        if temporary {
            remove_leftovers(&parent);
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let root = parent.join(format!("{}-{number}", std::process::id()));
        Self {
            root,
            temporary,
            _lock: None,
        }
        .prepared()
    }

    fn prepared(self) -> io::Result<Self> {
        // An error that quotes a log must not quote an earlier run's.
        if self.logs().exists() {
            fs::remove_dir_all(self.logs())?;
        }
        fs::create_dir_all(self.logs())?;
        Ok(self)
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// The issuer makes it, with the mode that it wants.
    pub(crate) fn store(&self) -> PathBuf {
        self.root.join("store")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

impl Drop for RunDir {
    fn drop(&mut self) {
        if self.temporary {
            // What cannot be removed now is removed as a leftover by a later run.
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// A killed test process, and one whose stack is a `static`, drop nothing.
fn remove_leftovers(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        if !owner_is_alive(&entry.file_name().to_string_lossy()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn owner_is_alive(name: &str) -> bool {
    let pid = name
        .split_once('-')
        .and_then(|(pid, _)| pid.parse().ok())
        .and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_one_user_at_a_time() {
        let temporary = RunDir::temporary().unwrap();
        let root = temporary.root.join("shared");
        let first = RunDir::given(&root).unwrap();
        fs::write(first.logs().join("issuer.log"), "first").unwrap();
        let second = RunDir::given(&root);
        assert!(matches!(second, Err(StackError::DirectoryInUse { .. })));
        assert!(first.logs().join("issuer.log").exists(), "left untouched");
        drop(first);
        RunDir::given(&root).unwrap();
    }

    #[test]
    fn a_temporary_directory_is_gone_after_use_and_a_dead_owner_is_recognised() {
        let dir = RunDir::temporary().unwrap();
        let root = dir.root.clone();
        assert!(dir.logs().is_dir());
        drop(dir);
        assert!(!root.exists());
        assert!(owner_is_alive(&format!("{}-0", std::process::id())));
        assert!(!owner_is_alive("4194305-0"));
        assert!(!owner_is_alive("nonsense"));
    }
}
