//! Programs from the registry that a group of tests or a check needs, built from source.

use std::path::PathBuf;

use dockgate_stack::demo_dir;

use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::Outcome;
use crate::program::build;

/// Where a program is once it was built.
pub(crate) fn place(name: &str) -> PathBuf {
    root().join("bin").join(name)
}

/// Builds this version of a program below the target directory.
pub(crate) fn install(context: &Context, name: &'static str, version: &str) -> Outcome<PathBuf> {
    let mut command = cargo("install");
    command.args([name, "--locked", "--version", version, "--force", "--root"]);
    command.arg(root());
    // It works for seconds: building it with optimisation takes twice as long and gains nothing.
    command
        .arg("--debug")
        .env("CARGO_PROFILE_DEV_DEBUG", "false");
    let build_dir = root().join(format!("build-{name}"));
    command.env("CARGO_TARGET_DIR", &build_dir);
    build(context, name, command)?;
    // Hundreds of megabytes that nobody needs again.
    std::fs::remove_dir_all(build_dir)?;
    Ok(place(name))
}

fn root() -> PathBuf {
    demo_dir().join("tools")
}
