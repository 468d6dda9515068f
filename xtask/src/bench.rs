//! `cargo xtask bench`: measurements that anyone can repeat.

use clap::ValueEnum;

use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::Outcome;
use crate::program;
use crate::setup::c_compiler;

/// What to measure.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum What {
    /// Access tokens signed per second on one core, by algorithm.
    Signing,
}

/// Builds with optimisation and measures.
pub(crate) fn run(context: &Context, what: What) -> Outcome {
    c_compiler::require()?;
    let mut command = cargo("run");
    match what {
        What::Signing => command.args([
            "--release",
            "--package",
            "dockgate-issuer",
            "--example",
            "signing_speed",
        ]),
    };
    program::shown(context, "cargo run", command)
}
