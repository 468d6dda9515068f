//! One file per command.

pub(crate) mod admin_client;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod client;
mod client_table;
pub(crate) mod completion;
mod ended;
mod failure;
pub(crate) mod hash_password;
pub(crate) mod health;
pub(crate) mod key;
mod open_files;
mod output;
mod password_input;
pub(crate) mod reload;
pub(crate) mod restore;
pub(crate) mod serve;
mod terminal;
pub(crate) mod token;
pub(crate) mod user;

use std::path::Path;
use std::process::ExitCode;

use dockgate_issuer::config::{self, Config, ConfigError};

use self::failure::Failure;
use crate::ConfigFile;

/// Reads the whole configuration; on a mistake, prints it and gives the exit code.
fn load_config(path: &Path) -> Result<Config, ExitCode> {
    or_exit_code(config::load(path, variables()))
}

/// Runs a command that asks the running issuer, which it finds by its store. The rest of the
/// configuration is the issuer's business.
fn with_issuer(
    config: &ConfigFile,
    command: impl FnOnce(&Path) -> Result<(), Failure>,
) -> ExitCode {
    let store = match or_exit_code(config::load_store_path(&config.path, variables())) {
        Ok(store) => store,
        Err(code) => return code,
    };
    match command(&store) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.end(),
    }
}

/// The process's environment. A variable that is not UTF-8 can be none of ours.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Whether `-` stands in the place of a file: standard input or output.
fn is_standard_stream(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn or_exit_code<T>(loaded: Result<T, ConfigError>) -> Result<T, ExitCode> {
    loaded.map_err(|error| {
        eprintln!("{error}");
        ExitCode::from(ConfigError::EXIT_CODE)
    })
}
