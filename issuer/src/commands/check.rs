//! `check`: reads a configuration and does nothing else.

use std::path::Path;
use std::process::ExitCode;

use dockgate_issuer::config::{self, ConfigError, Mistake};
use serde::Serialize;

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
            println!("{}: no mistakes found", path.display());
            ExitCode::SUCCESS
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
    match super::print_json(&verdict) {
        Ok(()) if ok => ExitCode::SUCCESS,
        Ok(()) => ExitCode::from(ConfigError::EXIT_CODE),
        Err(failure) => failure.end(),
    }
}
