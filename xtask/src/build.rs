//! Builds what the demo runs.

use std::path::Path;

use clap::ValueEnum;
use dockgate_stack::{Artifacts, Build};

use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program;
use crate::setup::{c_compiler, envoy, wasm_target};

/// What can be built alone.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum What {
    /// The Proxy-Wasm module.
    Filter,
    /// The issuer, and the sample API with it.
    Issuer,
    /// Nothing is built: Envoy is found or fetched.
    Envoy,
    /// Everything.
    #[default]
    All,
}

/// `cargo xtask build`.
pub(crate) fn run(context: &Context, what: What) -> Outcome {
    match what {
        What::Filter => filter(context)?,
        What::Issuer => native(context, Build::Release)?,
        What::Envoy => envoy::provide(context).map(drop)?,
        What::All => stack(context, Build::Release)?,
    }
    context.say("built");
    Ok(())
}

/// The packages of the unit tests. The filter needs a host to link; the other tests are groups of
/// their own.
pub(crate) const UNIT_TESTED: [&str; 7] = [
    "--workspace",
    "--exclude",
    "dockgate-filter",
    "--exclude",
    "dockgate-tests",
    "--exclude",
    "dockgate-clients",
];

/// Everything that a [`dockgate_stack::Stack`] needs.
pub(crate) fn stack(context: &Context, build: Build) -> Outcome {
    c_compiler::require()?;
    envoy::provide(context)?;
    native(context, build)?;
    filter(context)
}

/// The native programs, in one call: each call of cargo costs a fraction of a second even when
/// there is nothing to do.
fn native(context: &Context, build: Build) -> Outcome {
    c_compiler::require()?;
    let mut command = cargo("build");
    match build {
        Build::Release => {
            command.args(["--release", "--package", "dockgate-issuer"]);
            command.args(["--package", "sample-api"]);
        }
        Build::Dev => {
            // The same packages, and a test among what is built: then the features of dependencies
            // are the same too, and nothing is built twice.
            command.args(UNIT_TESTED);
            command.args(["--bin", "dockgate-issuer", "--bin", "sample-api"]);
            command.args(["--test", "hardening"]);
        }
    }
    program::build(context, "the issuer and the sample API", command)
}

/// The clients that are crates.
pub(crate) fn clients(context: &Context) -> Outcome {
    let mut command = cargo("build");
    command.args(["--package", "dockgate-clients"]);
    program::build(context, "the clients that are crates", command)
}

/// The module that panics on demand.
pub(crate) fn faulty_filter(context: &Context) -> Outcome {
    module(
        context,
        "wasm-faults",
        &["--features", "faults"],
        &Artifacts::faulty_filter_path(),
    )
}

/// The Proxy-Wasm module.
pub(crate) fn filter(context: &Context) -> Outcome {
    module(context, "wasm", &[], &Artifacts::filter_path())
}

fn module(context: &Context, profile: &str, features: &[&str], installed: &Path) -> Outcome {
    let target = wasm_target::provide(context)?;
    let mut command = target.cargo("build");
    command.args(["--package", "dockgate-filter", "--profile", profile]);
    command.args(features);
    program::build(context, "the filter for Wasm", command)?;
    let built = target.output(profile).join("dockgate_filter.wasm");
    install_module(context, &built, installed)
}

/// Leaves the file alone when it is the same: Envoy may be about to map it.
fn install_module(context: &Context, built: &Path, installed: &Path) -> Outcome {
    let module = std::fs::read(built)
        .map_err(|error| Failure::new(format!("{}: {error}", built.display())))?;
    if std::fs::read(installed).is_ok_and(|present| present == module) {
        return Ok(());
    }
    if let Some(dir) = installed.parent() {
        std::fs::create_dir_all(dir)?;
    }
    std::fs::write(installed, &module)?;
    context.say(&format!(
        "the filter is {} KiB: {}",
        module.len() / 1024,
        installed.display()
    ));
    Ok(())
}
