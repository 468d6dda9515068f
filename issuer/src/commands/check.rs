//! `check`: reads a configuration and does nothing else.

use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(path: &Path) -> ExitCode {
    match super::load_config(path) {
        Ok(config) => {
            for warning in &config.warnings {
                eprintln!("{}: warning: {warning}", path.display());
            }
            println!("{}: no mistakes found", path.display());
            ExitCode::SUCCESS
        }
        Err(code) => code,
    }
}
