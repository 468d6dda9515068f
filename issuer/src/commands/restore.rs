//! `restore`: makes the store from a backup. It overwrites none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, IsTerminal as _, Seek as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use dockgate_issuer::clock::system_clock;
use dockgate_issuer::config::Config;
use dockgate_issuer::store::SledStore;
use dockgate_issuer::store::backup::{BackupError, Records, verify};

use super::failure::Failure;
use super::output::shown;

pub(crate) fn run(config_path: &Path, backup: &Path) -> ExitCode {
    let config = match super::load_config(config_path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let (opened, backup) = match super::is_standard_stream(backup) {
        true => (standard_input(&config), Path::new("standard input")),
        false => (File::open(backup).map_err(unreadable), backup),
    };
    match opened.and_then(|file| restore(&config, file)) {
        Ok(records) => {
            let (backup, store) = (backup.display(), config.store.path.display());
            shown(&format!("{store}: {records} records of {backup}\n"))
        }
        Err(error) => Failure::of_backup(&error, backup, config_path).end(),
    }
}

/// What comes from standard input, in a file without a name on the file system of the store: it is as secret
/// as that, and has to be read twice.
fn standard_input(config: &Config) -> Result<File, BackupError> {
    let mut stdin = io::stdin().lock();
    if stdin.is_terminal() {
        return Err(failed("standard input is a terminal: send the backup there").into());
    }
    let path = &config.store.path;
    let beside = path.ancestors().skip(1).find(|above| above.is_dir());
    let name = format!(".dockgate-restore-{}", std::process::id());
    let place = beside.unwrap_or(Path::new(".")).join(name);
    let named = |error: io::Error| failed(&format!("{}: {error}", place.display()));
    // Of a process that was killed right here, before the name was gone.
    fs::remove_file(&place).ok();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600);
    let mut file = options.open(&place).map_err(named)?;
    fs::remove_file(&place).map_err(named)?;
    io::copy(&mut stdin, &mut file).map_err(named)?;
    file.rewind()?;
    Ok(file)
}

fn unreadable(error: io::Error) -> BackupError {
    let remedy =
        "Name a file that `backup` has written and this user may read, or `-` for standard input";
    failed(&format!("{error}. {remedy}")).into()
}

fn failed(reason: &str) -> io::Error {
    io::Error::other(reason)
}

/// Reads the backup twice: nothing of it is used before all of it is known to be good.
fn restore(config: &Config, mut file: File) -> Result<u64, BackupError> {
    let records = verify(BufReader::new(&file))?;
    file.seek(io::SeekFrom::Start(0))?;
    let store = &config.store;
    let restored = Records::begin(BufReader::new(&file)).and_then(|records| {
        SledStore::restore(&store.path, store.cache_bytes, records, system_clock())
    })?;
    if restored != records {
        return Err(BackupError::Damaged);
    }
    Ok(restored)
}
