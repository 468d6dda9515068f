//! Packages from npm, of the versions in a committed lock file.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use dockgate_stack::demo_dir;

use super::debian;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program::{ask, logged};

const DOWNLOAD: Duration = Duration::from_secs(900);
const LOCK_FILE: &str = "package-lock.json";
/// A copy of the lock file, made after everything in it was installed.
const INSTALLED: &str = "installed-lock.json";

/// Copies the package in `source` below the target directory and installs what its lock file
/// names there, unless it is there already. Gives the directory.
pub(crate) fn install(context: &Context, source: &Path) -> Outcome<PathBuf> {
    let name = source.file_name().unwrap_or_default();
    let dir = demo_dir().join("npm").join(name);
    copy_files(source, &dir)?;
    let lock = std::fs::read(dir.join(LOCK_FILE))?;
    if std::fs::read(dir.join(INSTALLED)).is_ok_and(|installed| installed == lock) {
        return Ok(dir);
    }
    require(context)?;
    context.say(&format!(
        "installing {} from npm",
        Path::new(name).display()
    ));
    let mut command = Command::new("npm");
    command
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(&dir);
    logged("npm ci", command).within(DOWNLOAD).run(context)?;
    std::fs::write(dir.join(INSTALLED), lock)?;
    Ok(dir)
}

/// The files of a directory, without those in directories below it: sources are not installed
/// into.
fn copy_files(from: &Path, to: &Path) -> Outcome {
    std::fs::create_dir_all(to)?;
    let entries = std::fs::read_dir(from)
        .map_err(|error| Failure::new(format!("{}: {error}", from.display())))?;
    for entry in entries {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            std::fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

fn require(context: &Context) -> Outcome {
    let present = || ask("npm", &["--version"]).is_some();
    if !present() && debian::can_install() {
        debian::install(context, &["npm"])?;
    }
    if present() {
        return Ok(());
    }
    Err(Failure::new(
        "npm is missing: install Node.js, which has it, with `apt-get install npm` or your \
         system's equivalent",
    ))
}
