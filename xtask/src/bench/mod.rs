//! `cargo xtask bench`: measurements that anyone can repeat.

mod affinity;
mod algorithm;
mod filter;
mod http;
mod issuer;
mod machine;
mod statistics;
mod stretch;
mod target;
mod usage;

use std::path::PathBuf;

use clap::Subcommand;
use dockgate_stack::target_dir;
use serde::Serialize;

use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
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
    /// The filter, side by side with Envoy's own.
    Filter(filter::Arguments),
    /// The issuer's endpoints, side by side with node-oidc-provider.
    Issuer(issuer::Arguments),
}

/// Builds with optimisation and measures.
pub(crate) fn run(context: &Context, what: &What) -> Outcome {
    c_compiler::require()?;
    match what {
        What::Signing => example(context, "signing_speed", &[]),
        What::Store { grants } => example(context, "million_grants", &[&grants.to_string()]),
        What::Filter(arguments) => filter::run(context, arguments),
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

/// The same command in an optimised build: the client shares the machine with the servers, and
/// `cargo xtask` is built in a hurry.
fn optimised(context: &Context) -> Outcome {
    let mut command = cargo("run");
    command.args(["--release", "--package", "xtask", "--"]);
    command.args(std::env::args_os().skip(1));
    program::shown(context, "cargo run", command)
}

/// Writes a report to where it is looked for.
fn write(name: &str, report: &impl Serialize) -> Outcome<PathBuf> {
    let dir = target_dir().join("bench");
    std::fs::create_dir_all(&dir)?;
    let file = dir.join(name).with_extension("json");
    let json =
        serde_json::to_string_pretty(report).map_err(|error| Failure::new(error.to_string()))?;
    std::fs::write(&file, json + "\n")?;
    Ok(file)
}
