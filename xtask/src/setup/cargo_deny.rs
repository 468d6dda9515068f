//! `cargo-deny`, which checks licences, sources and advisories of the dependencies.

use std::path::PathBuf;

use crate::context::Context;
use crate::failure::Outcome;
use crate::program::ask;
use crate::setup::cargo_tool;

/// Pinned, so that a new release cannot fail a build that nobody changed.
const VERSION: &str = "0.20.2";

/// The one on the PATH, or one that is built once (some minutes) below the target directory.
pub(crate) fn provide(context: &Context) -> Outcome<PathBuf> {
    for candidate in [PathBuf::from("cargo-deny"), cargo_tool::place("cargo-deny")] {
        if ask(&candidate.to_string_lossy(), &["--version"])
            .is_some_and(|answer| answer.trim() == format!("cargo-deny {VERSION}"))
        {
            return Ok(candidate);
        }
    }
    cargo_tool::install(context, "cargo-deny", VERSION)
}
