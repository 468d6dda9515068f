//! Files and directories that only their owner may open.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use super::StoreError;
use super::error::unusable;

const DIRECTORY: u32 = 0o700;
const FILE: u32 = 0o600;
/// What a mode gives to the group and to others.
const OF_OTHERS: u32 = 0o077;

/// Makes the directory, or takes one that is there from other users. That is done only to an empty
/// one and to one that holds one of `ours`: a mistaken path must not lock others out of `/tmp`.
pub(super) fn directory(path: &Path, ours: &[&str]) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    let made = builder.recursive(true).mode(DIRECTORY).create(path);
    let mode = made
        .and_then(|()| fs::metadata(path))
        .map_err(|error| unusable(path, &error))?
        .permissions()
        .mode();
    if mode & OF_OTHERS == 0 {
        return Ok(());
    }
    let exposed = |detail: String| StoreError::Exposed {
        path: path.to_owned(),
        detail,
    };
    let is_ours = ours.iter().any(|name| path.join(name).exists());
    if !is_ours && !is_empty(path).map_err(|error| unusable(path, &error))? {
        return Err(exposed("it has files of something else in it".to_owned()));
    }
    restrict(path, DIRECTORY).map_err(|error| exposed(error.to_string()))
}

/// Restricts whatever is in the directory, at any depth.
pub(super) fn contents(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            restrict(&entry.path(), DIRECTORY)?;
            contents(&entry.path())?;
        } else if kind.is_file() {
            restrict(&entry.path(), FILE)?;
        }
    }
    Ok(())
}

/// Makes an empty file that is on disk when this returns.
pub(super) fn empty_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(FILE);
    options.open(path)?.sync_all()
}

fn is_empty(path: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(path)?.next().is_none())
}

fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
}
