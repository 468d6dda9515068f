//! `completion`: a script by which a shell completes this program's command line.

use std::process::ExitCode;

use clap::Command;
use clap_complete::{Shell, generate};

use super::output;

pub(crate) fn run(shell: Shell, mut command: Command) -> ExitCode {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(shell, &mut command, name, &mut script);
    match output::print(&String::from_utf8_lossy(&script)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.end(),
    }
}
