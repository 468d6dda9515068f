//! `cargo-deny`, which checks licences, sources and advisories of the dependencies.

use std::path::PathBuf;

use dockgate_stack::demo_dir;

use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::Outcome;
use crate::program::{ask, build};

/// Pinned, so that a new release cannot fail a build that nobody changed.
const VERSION: &str = "0.20.2";

/// The one on the PATH, or one that is built once (some minutes) below the target directory.
pub(crate) fn provide(context: &Context) -> Outcome<PathBuf> {
    let tools = demo_dir().join("tools");
    let own = tools.join("bin/cargo-deny");
    for candidate in [PathBuf::from("cargo-deny"), own.clone()] {
        if ask(&candidate.to_string_lossy(), &["--version"])
            .is_some_and(|answer| answer.trim() == format!("cargo-deny {VERSION}"))
        {
            return Ok(candidate);
        }
    }
    let mut command = cargo("install");
    command
        .args([
            "cargo-deny",
            "--locked",
            "--version",
            VERSION,
            "--force",
            "--root",
        ])
        .arg(&tools);
    command.env("CARGO_TARGET_DIR", tools.join("build"));
    build(context, "cargo-deny", command)?;
    Ok(own)
}
