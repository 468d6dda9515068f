//! `cargo xtask filter-check`: runs the program of that name from the sources.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::absolute;

use clap::Args;

use crate::cargo::cargo;
use crate::failure::{Failure, Outcome};

/// What `dockgate-filter-check` takes.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    /// FILE [METHOD PATH]… [--scope SCOPES] [--json] [--strict]; --help says more
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGUMENT"
    )]
    arguments: Vec<OsString>,
}

/// Becomes the program, whose exit code says what it found.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut command = cargo("run");
    command.args(["--quiet", "--package", "dockgate-filter-check", "--"]);
    for argument in &arguments.arguments {
        // It is started in the repository's root, wherever the person stands.
        match absolute(argument) {
            Ok(path) if path.is_file() => command.arg(path),
            _ => command.arg(argument),
        };
    }
    Err(Failure::new(format!("cargo: {}", command.exec())))
}
