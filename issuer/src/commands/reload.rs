//! `reload`: has the running issuer read its configuration again.

use std::path::Path;
use std::process::ExitCode;

use dockgate_issuer::config::{self, ConfigError};
use dockgate_issuer::http::admin::{self, Reload};

use super::admin_client::{self, Ask};
use super::failure::Failure;

pub(crate) fn run(path: &Path, json: bool) -> ExitCode {
    match ask(path).and_then(|reload| show(&reload, path, json)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(ConfigError::EXIT_CODE),
        Err(failure) => failure.end(),
    }
}

/// The file may be wrong anywhere: the running issuer is to say so, unless it cannot be found by such a
/// file.
fn ask(path: &Path) -> Result<Reload, Failure> {
    let store = match config::load_store_path(path, super::variables()) {
        Ok(store) => store,
        Err(error) => {
            return Ok(Reload {
                reloaded: false,
                changes: None,
                warnings: Vec::new(),
                problems: error.mistakes().to_vec(),
            });
        }
    };
    admin_client::ask(&store, &Ask::bare(admin::RELOAD))
}

/// Whether it was reloaded.
fn show(reload: &Reload, path: &Path, json: bool) -> Result<bool, Failure> {
    if json {
        super::output::print_as_json(reload)?;
        return Ok(reload.reloaded);
    }
    let path = path.display();
    for warning in &reload.warnings {
        eprintln!("{path}: warning: {warning}");
    }
    for problem in &reload.problems {
        eprintln!("{problem}");
    }
    match &reload.changes {
        Some(changes) if reload.reloaded => {
            super::output::print(&format!("{path}: reloaded: {changes}\n"))?;
        }
        _ => eprintln!("{path}: not reloaded: the configuration of before still counts"),
    }
    Ok(reload.reloaded)
}
