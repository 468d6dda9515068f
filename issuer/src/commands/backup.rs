//! `backup`: writes all that the store holds into one file or to standard output, whether an issuer runs
//! or not.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, IsTerminal as _, Read, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dockgate_issuer::audit::{self, AuditEvent, Caller};
use dockgate_issuer::clock::system_clock;
use dockgate_issuer::config::Config;
use dockgate_issuer::http::admin;
use dockgate_issuer::store::backup::{BackupError, Export as _, verify};
use dockgate_issuer::store::{SledStore, StoreError};

use super::admin_client::{self, Ask};
use super::failure::Failure;
use super::output::shown;

pub(crate) fn run(config_path: &Path, out: &Path) -> ExitCode {
    let config = match super::load_config(config_path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    if super::is_standard_stream(out) {
        return match to_standard_output(&config, config_path) {
            Ok(records) => {
                eprintln!("standard output: {records} records");
                ExitCode::SUCCESS
            }
            Err(failure) => failure.end(),
        };
    }
    match back_up(&config, config_path, out) {
        Ok(records) => shown(&format!("{}: {records} records\n", out.display())),
        Err(failure) => failure.end(),
    }
}

/// Nothing takes back what is there before a failure: the exit code says whether it is a backup. Where
/// it goes into a file, it is on disk in the end.
fn to_standard_output(config: &Config, config_path: &Path) -> Result<u64, Failure> {
    let stdout = io::stdout();
    if stdout.is_terminal() {
        let reason = "standard output is a terminal, and a backup holds the private keys: send it into a file or to a program";
        return Err(Failure::from(reason.to_owned()));
    }
    let failed = |error: io::Error| Failure::from(format!("standard output: {error}"));
    // Without the buffer of lines that standard output has otherwise.
    let to = File::from(stdout.as_fd().try_clone_to_owned().map_err(failed)?);
    let records = write(config, config_path, &to)?;
    match to.sync_all() {
        // A pipe has nothing that could be synced.
        Err(error) if error.kind() != io::ErrorKind::InvalidInput => Err(failed(error)),
        _ => Ok(records),
    }
}

/// The file gets its name only once it is whole and on disk; one that has the name is replaced.
fn back_up(config: &Config, config_path: &Path, out: &Path) -> Result<u64, Failure> {
    let partial = partial(out);
    let failed = |error: io::Error| Failure::from(format!("{}: {error}", partial.display()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let file = options.open(&partial).map_err(|error| {
        Failure::from(format!(
            "{}: {error}. Name a file in a directory that is there and that this user may write to",
            partial.display()
        ))
    })?;
    let written = write(config, config_path, &file).and_then(|_| {
        file.sync_all().map_err(failed)?;
        let file = File::open(&partial).map_err(failed)?;
        let records = verify(BufReader::new(file)).map_err(|error| {
            Failure::from(format!(
                "the backup was not finished: {error}. What was at {} is as it was",
                out.display()
            ))
        })?;
        fs::rename(&partial, out).map_err(failed)?;
        sync_parent(out).map_err(failed)?;
        Ok(records)
    });
    if written.is_err() {
        fs::remove_file(&partial).ok();
    }
    written
}

fn partial(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// Asks the running issuer, or opens the store if there is none. Gives the number of records.
fn write(config: &Config, config_path: &Path, to: &File) -> Result<u64, Failure> {
    let path = &config.store.path;
    match admin::at_socket(path, UnixStream::connect) {
        Ok(stream) => ask(stream, to).map_err(|error| {
            Failure::from(format!(
                "the running issuer gave no whole backup: {error}. Its log may say why; try again"
            ))
        }),
        // Whether there is a store or an issuer cannot be known.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(admin_client::not_running(path, &error))
        }
        Err(_) => write_from_store(config, to).map_err(|error| match error {
            NotWritten::Store(error) => Failure::of_store(&error, config_path),
            NotWritten::NoStore => Failure::from(format!(
                "there is no store at {}, so there is nothing to back up: name the configuration of the issuer that has one, or see to store.path (or DOCKGATE_STORE_PATH) in {}",
                path.display(),
                config_path.display()
            )),
            NotWritten::Other(reason) => Failure::from(format!(
                "the backup was not finished: {reason}"
            )),
        }),
    }
}

enum NotWritten {
    NoStore,
    Store(StoreError),
    Other(String),
}

fn write_from_store(config: &Config, to: &File) -> Result<u64, NotWritten> {
    let path = &config.store.path;
    if !SledStore::is_at(path) {
        return Err(NotWritten::NoStore);
    }
    let store = SledStore::open(path, config.store.cache_bytes).map_err(NotWritten::Store)?;
    audit::record(
        &store,
        system_clock(),
        Caller::default(),
        &AuditEvent::BackupMade {},
    )
    .map_err(NotWritten::Store)?;
    let exported = store
        .export(&mut BufWriter::new(to))
        .map_err(|error| NotWritten::Other(error.to_string()));
    store.close().map_err(NotWritten::Store)?;
    exported
}

/// Whether the answer is whole it says itself.
fn ask(stream: UnixStream, to: &File) -> Result<u64, BackupError> {
    let backup = Ask {
        method: "POST",
        path: admin::BACKUP,
        body: None,
    };
    let (head, from) = admin_client::send(stream, &backup)?;
    if head.status != 200 {
        return Err(head.refused().into());
    }
    verify(BufReader::new(Copied { from, to }))
}

/// Writes what is read from it to a file.
struct Copied<'a, R> {
    from: R,
    to: &'a File,
}

impl<R: Read> Read for Copied<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.to.write_all(buffer.get(..read).unwrap_or_default())?;
        Ok(read)
    }
}
