//! `cargo xtask bench`: measurements that anyone can repeat.

mod issuer;

use clap::Subcommand;

use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::Outcome;
use crate::program;
use crate::setup::c_compiler;

/// What to measure.
#[derive(Subcommand)]
pub(crate) enum What {
    /// Access tokens signed per second on one core, by algorithm.
    Signing,
    /// The issuer's endpoints, side by side with node-oidc-provider.
    Issuer(issuer::Arguments),
}

/// Builds with optimisation and measures.
pub(crate) fn run(context: &Context, what: &What) -> Outcome {
    c_compiler::require()?;
    match what {
        What::Signing => signing(context),
        What::Issuer(arguments) => issuer::run(context, arguments),
    }
}

fn signing(context: &Context) -> Outcome {
    let mut command = cargo("run");
    command.args([
        "--release",
        "--package",
        "dockgate-issuer",
        "--example",
        "signing_speed",
    ]);
    program::shown(context, "cargo run", command)
}
