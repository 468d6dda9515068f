//! `check`: reads a configuration and does nothing else.

use std::path::Path;
use std::process::ExitCode;

use dockgate_issuer::config::{self, ConfigError, Mistake};
use serde::Serialize;

use super::output::shown;

/// What `--json` prints.
#[derive(Serialize)]
struct Verdict<'a> {
    ok: bool,
    problems: &'a [Mistake],
    warnings: &'a [String],
}

pub(crate) fn run(path: &Path, json: bool) -> ExitCode {
    let loaded = config::load(path, super::variables());
    match json {
        true => as_json(&loaded),
        false => as_text(path, loaded),
    }
}

fn as_text(path: &Path, loaded: Result<config::Config, ConfigError>) -> ExitCode {
    match super::or_exit_code(loaded) {
        Ok(config) => {
            for warning in &config.warnings {
                eprintln!("{}: warning: {warning}", path.display());
            }
            shown(&format!("{}: no mistakes found\n", path.display()))
        }
        Err(code) => code,
    }
}

fn as_json(loaded: &Result<config::Config, ConfigError>) -> ExitCode {
    let (problems, warnings): (&[Mistake], &[String]) = match loaded {
        Ok(config) => (&[], &config.warnings),
        Err(error) => (error.mistakes(), &[]),
    };
    let ok = loaded.is_ok();
    let verdict = Verdict {
        ok,
        problems,
        warnings,
    };
    match super::output::print_as_json(&verdict) {
        Ok(()) if ok => ExitCode::SUCCESS,
        Ok(()) => ExitCode::from(ConfigError::EXIT_CODE),
        Err(failure) => failure.end(),
    }
}
