//! One file per command.

pub(crate) mod admin_client;
pub(crate) mod backup;
pub(crate) mod check;
mod failure;
pub(crate) mod health;
pub(crate) mod key;
pub(crate) mod reload;
pub(crate) mod restore;
pub(crate) mod serve;

use std::path::Path;
use std::process::ExitCode;

use dockgate_issuer::config::{self, Config, ConfigError};
use serde::Serialize;

use self::failure::Failure;

/// Reads the whole configuration; on a mistake, prints it and gives the exit code.
fn load_config(path: &Path) -> Result<Config, ExitCode> {
    or_exit_code(config::load(path, variables()))
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

/// One JSON object on standard output.
fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::from(format!("the result cannot be written: {error}")))?;
    println!("{text}");
    Ok(())
}

fn or_exit_code<T>(loaded: Result<T, ConfigError>) -> Result<T, ExitCode> {
    loaded.map_err(|error| {
        eprintln!("{error}");
        ExitCode::from(ConfigError::EXIT_CODE)
    })
}
