//! The programs of a release, built with profiles and flags of their own.

use std::path::PathBuf;
use std::process::Command;

use dockgate_stack::target_dir;

use super::remap;
use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program::{self, ask};
use crate::setup::{c_compiler, wasm_target};

/// The target of the module.
pub(super) const WASM: &str = "wasm32-wasip1";

/// What was built, and by what.
pub(super) struct Built {
    /// The target triple of the programs.
    pub(super) target: String,
    pub(super) issuer: PathBuf,
    pub(super) filter_check: PathBuf,
    /// The Proxy-Wasm module.
    pub(super) filter: PathBuf,
    /// The compilers of the programs: the same ones are needed for the same bytes.
    pub(super) compilers: Vec<(&'static str, String)>,
    /// Those of the module.
    pub(super) wasm_compilers: Vec<(&'static str, String)>,
}

/// Builds everything; nothing of this machine is in it.
pub(super) fn all(context: &Context) -> Outcome<Built> {
    c_compiler::require()?;
    let programs = target_dir().join("dist");
    native(context)?;
    let target = wasm_target::provide(context)?;
    module(context, &target)?;
    let built = Built {
        target: host()?,
        issuer: programs.join("dockgate-issuer"),
        filter_check: programs.join("dockgate-filter-check"),
        filter: target.output("wasm-dist").join("dockgate_filter.wasm"),
        compilers: vec![("rustc", version("rustc")?), ("cc", version("cc")?)],
        wasm_compilers: vec![("rustc", version(target.rustc())?)],
    };
    for file in [&built.issuer, &built.filter_check, &built.filter] {
        remap::check(file)?;
    }
    Ok(built)
}

fn native(context: &Context) -> Outcome {
    let mut command = cargo("build");
    command.args(["--locked", "--profile", "dist"]);
    command.args(["--package", "dockgate-issuer"]);
    command.args(["--package", "dockgate-filter-check"]);
    with_flags(&mut command, remap::rust_flags("rustc"));
    command.env("CFLAGS", remap::c_flags());
    program::build(context, "the programs of the release", command)
}

fn module(context: &Context, target: &wasm_target::WasmTarget) -> Outcome {
    let mut command = target.cargo("build");
    command.args(["--locked", "--profile", "wasm-dist"]);
    command.args(["--package", "dockgate-filter"]);
    let flags = target.rust_flags().into_iter();
    with_flags(
        &mut command,
        flags.chain(remap::rust_flags(target.rustc())).collect(),
    );
    program::build(context, "the filter of the release", command)
}

/// In place of whatever this machine is set to.
fn with_flags(command: &mut Command, flags: Vec<String>) {
    command.env_remove("RUSTFLAGS");
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
}

fn host() -> Outcome<String> {
    let answer = ask("rustc", &["-vV"]).unwrap_or_default();
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| Failure::new("`rustc -vV` does not say which machine it builds for"))
}

/// The first line of what a compiler says of itself.
fn version(compiler: &str) -> Outcome<String> {
    let answer = ask(compiler, &["--version"]).unwrap_or_default();
    let line = answer.lines().next().map(str::to_owned);
    line.ok_or_else(|| Failure::new(format!("`{compiler} --version` says nothing")))
}
