//! `cargo xtask bench`: measurements that anyone can repeat.

mod affinity;
mod http;
mod issuer;
mod machine;
mod statistics;
mod stretch;
mod target;
mod usage;

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
    /// A store with many live refresh tokens: memory, time to open, time to rotate.
    Store {
        /// How many grants; a million take some minutes and 3 GB of disk.
        #[arg(default_value_t = 1_000_000)]
        grants: u32,
    },
    /// The issuer's endpoints, side by side with node-oidc-provider.
    Issuer(issuer::Arguments),
}

/// Builds with optimisation and measures.
pub(crate) fn run(context: &Context, what: &What) -> Outcome {
    c_compiler::require()?;
    match what {
        What::Signing => example(context, "signing_speed", &[]),
        What::Store { grants } => example(context, "million_grants", &[&grants.to_string()]),
        What::Issuer(arguments) => issuer::run(context, arguments),
    }
}

/// Runs a program of the issuer's that measures.
fn example(context: &Context, name: &str, arguments: &[&str]) -> Outcome {
    let mut command = cargo("run");
    command
        .args([
            "--release",
            "--package",
            "dockgate-issuer",
            "--example",
            name,
            "--",
        ])
        .args(arguments);
    program::shown(context, "cargo run", command)
}
