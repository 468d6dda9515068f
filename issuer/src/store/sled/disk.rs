//! The files of the store: how they are opened, made durable, and marked.
//!
//! On Linux sled's own flush ends with `sync_file_range`, which neither empties the disk's cache
//! nor writes the file's metadata, and it never syncs what it puts beside its log. Both is made up
//! for here.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::Dir;

use super::super::error::unusable;
use super::super::{StoreError, private};
use super::flusher::Persist;
use super::health::Health;
use super::integrity::{self, Flaw};

pub(super) const DATABASE: &str = "sled";
/// sled's log of all writes, within [`DATABASE`].
pub(super) const LOG: &str = "db";
/// Where sled puts pages too large for its log, within [`DATABASE`].
const BLOBS: &str = "blobs";
pub(super) const IN_USE: &str = "in-use";
pub(super) const CLEAN: &str = "clean";
pub(super) const PROGRESS: &str = "progress";

/// Where a store is made from a backup.
pub(super) const RESTORING: &str = "restoring";

/// The opened database.
pub(super) struct Disk {
    health: Arc<Health>,
    database: sled::Db,
    log: File,
    progress: Progress,
}

impl Disk {
    pub(super) fn open(health: &Arc<Health>, cache_bytes: u64) -> Result<Self, StoreError> {
        let path = health.path();
        private::directory(path, &[DATABASE, IN_USE])?;
        refuse_half_restored(health)?;
        let inside = path.join(DATABASE);
        // Before sled makes files in it, which it does with the process's umask.
        private::directory(&inside, &[LOG])?;
        let mut progress = Progress::open(path).map_err(|error| unusable(path, &error))?;
        let end = inspect(health, progress.flushed)?;
        // Before sled writes over what is behind it.
        progress
            .take_back(end)
            .map_err(|error| unusable(path, &error))?;
        let config = sled::Config::new()
            .path(&inside)
            .cache_capacity(cache_bytes)
            // Every write that matters is flushed before it is acknowledged.
            .flush_every_ms(None);
        let database = health.open(|| config.open())?;
        if position(&database) < progress.flushed {
            return Err(health.damaged("the end of its log is missing".to_owned()));
        }
        private::contents(&inside).map_err(|error| unusable(path, &error))?;
        let log = File::open(inside.join(LOG)).map_err(|error| unusable(path, &error))?;
        Ok(Self {
            health: health.clone(),
            database,
            log,
            progress,
        })
    }

    pub(super) fn database(&self) -> sled::Db {
        self.database.clone()
    }

    /// Takes away the mark of a clean stop. Gives what makes writes durable from now on, and whether
    /// the last stop was clean.
    pub(super) fn begin(self) -> Result<(Persist, bool), StoreError> {
        let path = self.health.path();
        let was_clean = take_clean(path).map_err(|error| unusable(path, &error))?;
        let mut persist = DiskPersist {
            blobs: Blobs::in_database(path).map_err(|error| unusable(path, &error))?,
            database: self.database,
            log: self.log,
            progress: self.progress,
        };
        Ok((Box::new(move || persist.run()), was_clean))
    }
}

/// What a flush does.
struct DiskPersist {
    database: sled::Db,
    log: File,
    blobs: Blobs,
    progress: Progress,
}

impl DiskPersist {
    fn run(&mut self) -> Result<(), String> {
        self.database.flush().map_err(|error| error.to_string())?;
        let flushed = position(&self.database);
        let synced = self
            .blobs
            .sync()
            // The data and as much of the metadata as reading it takes: its size and its blocks.
            .and_then(|()| self.log.sync_data())
            .and_then(|()| self.progress.note(flushed));
        synced.map_err(|error| error.to_string())
    }
}

/// How far in its log sled has written everything.
pub(super) fn position(database: &sled::Db) -> u64 {
    let position = database.context.pagecache.log.stable_offset();
    // -1 where nothing has been written.
    u64::try_from(position).unwrap_or(0)
}

/// How far the log is on disk, noted only once it is and not synced itself: so it is never ahead of
/// the log, and after the death of the process alone never behind what was acknowledged.
struct Progress {
    file: File,
    flushed: u64,
}

impl Progress {
    fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).mode(0o600);
        let file = options.truncate(false).open(path.join(PROGRESS))?;
        let mut bytes = [0; 8];
        let flushed = match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => u64::from_be_bytes(bytes),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
            Err(error) => return Err(error),
        };
        Ok(Self { file, flushed })
    }

    fn note(&self, flushed: u64) -> io::Result<()> {
        self.file.write_all_at(&flushed.to_be_bytes(), 0)
    }

    /// Synced, for what sled writes at start is.
    fn take_back(&mut self, end: u64) -> io::Result<()> {
        if end < self.flushed {
            self.note(end)?;
            self.file.sync_data()?;
            self.flushed = end;
        }
        Ok(())
    }
}

/// sled writes a page that is large for its log into a file of its own, once, and does not sync it.
struct Blobs {
    path: PathBuf,
    /// Opened once: a flush must not fail for want of a file descriptor, as no write follows it.
    directory: Dir,
    synced: HashSet<OsString>,
}

impl Blobs {
    fn in_database(path: &Path) -> io::Result<Self> {
        let path = path.join(DATABASE).join(BLOBS);
        Ok(Self {
            directory: Dir::new(File::open(&path)?)?,
            path,
            synced: HashSet::new(),
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut present = HashSet::new();
        let mut is_new = false;
        self.directory.rewind();
        while let Some(entry) = self.directory.read() {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes()).to_owned();
            if name == "." || name == ".." {
                continue;
            }
            if !self.synced.contains(&name) {
                match File::open(self.path.join(&name)).and_then(|file| file.sync_all()) {
                    Ok(()) => is_new = true,
                    // sled has replaced the page in the meantime.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                }
            }
            present.insert(name);
        }
        self.synced = present;
        if is_new {
            sync_directory(&self.path)?;
        }
        Ok(())
    }
}

/// Says that all is on disk. The next start takes it away.
pub(super) fn mark_clean(path: &Path) -> io::Result<()> {
    private::empty_file(&path.join(CLEAN))?;
    sync_directory(path)
}

fn take_clean(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path.join(CLEAN)) {
        Ok(()) => sync_directory(path).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// What a restore that was killed leaves must not pass for a new store. Where all but the empty
/// directory has been moved, all is there.
fn refuse_half_restored(health: &Health) -> Result<(), StoreError> {
    match fs::remove_dir(health.path().join(RESTORING)) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
            let detail = "a backup was being restored into it and that was not finished";
            Err(health.damaged(detail.to_owned()))
        }
        Err(error) => Err(unusable(health.path(), &error)),
    }
}

/// Looks at sled's files before sled does. Gives how far sled will come. The lock is sled's own: who
/// holds it may be writing.
fn inspect(health: &Health, flushed: u64) -> Result<u64, StoreError> {
    let path = health.path();
    let directory = path.join(DATABASE);
    let log = match File::open(directory.join(LOG)) {
        Ok(log) => log,
        Err(error) if error.kind() == io::ErrorKind::NotFound && flushed == 0 => return Ok(0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(health.damaged("its log is missing".to_owned()));
        }
        Err(error) => return Err(unusable(path, &error)),
    };
    match log.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StoreError::Locked {
                path: path.to_owned(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(unusable(path, &error)),
    }
    remove_half_made_snapshots(&directory).map_err(|error| unusable(path, &error))?;
    integrity::check(&directory, &log, flushed).map_err(|flaw| match flaw {
        Flaw::Io(error) => unusable(path, &error),
        Flaw::Damage(detail) => health.damaged(detail),
    })
}

/// A process that is killed while it starts leaves the snapshot that it was writing, which sled
/// then takes for the latest and finds damaged. It renames only complete ones, and uses nothing of
/// what one replaces before that, so a half-made one can go.
fn remove_half_made_snapshots(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(directory.join(&*name))?;
        }
    }
    Ok(())
}

/// Makes the names in a directory durable. An empty path is the working directory.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    File::open(path)?.sync_all()
}
