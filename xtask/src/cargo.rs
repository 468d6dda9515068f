//! Cargo, called from a program that cargo itself has started.

use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::process::Command;

use dockgate_stack::{repository, target_dir};

/// `cargo SUBCOMMAND` in the repository, with the target directory that this program was built
/// into.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new("cargo");
    command.arg(subcommand).current_dir(repository());
    for (variable, _) in std::env::vars_os() {
        if is_leftover(&variable) {
            command.env_remove(variable);
        }
    }
    command.env("CARGO_TARGET_DIR", target_dir());
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command
}

/// What `cargo run` tells this program about this program: some build scripts are run again
/// whenever it changes.
fn is_leftover(variable: &OsStr) -> bool {
    let variable = variable.to_string_lossy();
    let prefixes = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ];
    let names = ["CARGO_PRIMARY_PACKAGE", "CARGO_BUILD_TARGET", "OUT_DIR"];
    prefixes.iter().any(|prefix| variable.starts_with(prefix)) || names.contains(&&*variable)
}
