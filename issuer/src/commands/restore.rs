//! `restore`: makes the store from a backup. It overwrites none.

use std::fs::File;
use std::io::{self, BufReader, Seek as _};
use std::path::Path;
use std::process::ExitCode;

use dockgate_issuer::config::Config;
use dockgate_issuer::store::SledStore;
use dockgate_issuer::store::backup::{BackupError, Records, verify};

use super::failure::Failure;

pub(crate) fn run(config_path: &Path, backup: &Path) -> ExitCode {
    let config = match super::load_config(config_path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    match restore(&config, backup) {
        Ok(records) => {
            let (backup, store) = (backup.display(), config.store.path.display());
            println!("{store}: {records} records of {backup}");
            ExitCode::SUCCESS
        }
        Err(error) => Failure::of_backup(&error, backup, config_path).end(),
    }
}

/// Reads the backup twice: nothing of it is used before all of it is known to be good.
fn restore(config: &Config, backup: &Path) -> Result<u64, BackupError> {
    let mut file = File::open(backup)?;
    let records = verify(BufReader::new(&file))?;
    file.seek(io::SeekFrom::Start(0))?;
    let store = &config.store;
    let restored = Records::begin(BufReader::new(&file))
        .and_then(|records| SledStore::restore(&store.path, store.cache_bytes, records))?;
    if restored != records {
        return Err(BackupError::Damaged);
    }
    Ok(restored)
}
