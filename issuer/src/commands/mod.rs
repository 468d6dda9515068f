//! One file per command.

pub(crate) mod check;
pub(crate) mod health;
pub(crate) mod serve;

use std::path::Path;
use std::process::ExitCode;

use dockgate_issuer::config::{self, Config, ConfigError};

/// Reads the configuration with the process's environment; on a mistake, prints it and gives the
/// exit code.
fn load_config(path: &Path) -> Result<Config, ExitCode> {
    // A variable that is not UTF-8 can be none of ours.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    config::load(path, variables).map_err(|error| {
        eprintln!("{error}");
        ExitCode::from(ConfigError::EXIT_CODE)
    })
}
