//! `cargo xtask ci`: every check that is not a test.

use std::process::Command;
use std::time::Duration;

use dockgate_stack::{now, repository};

use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program;
use crate::setup::wasm_target::WasmTarget;
use crate::setup::{c_compiler, cargo_deny, wasm_target};
use crate::tidy;

/// A check: its name and what runs it, which gives the verdict.
type Check = (&'static str, fn(&Context) -> Outcome<&'static str>);

const PASSED: &str = "passed";

/// Every check, the quick ones first.
const CHECKS: [Check; 6] = [
    ("format", format),
    ("tidy", |_| tidy::run().map(|()| PASSED)),
    ("clippy", clippy_native),
    ("clippy for Wasm", clippy_wasm),
    ("dependencies", dependencies),
    ("advisories", advisories),
];

/// Runs all of them, also after one has failed.
pub(crate) fn run(context: &Context) -> Outcome {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        context.say(name);
        let begun = now();
        match check(context) {
            Ok(verdict) => {
                let seconds = now().duration_since(begun).as_secs_f64();
                context.say(&format!("{name}: {verdict} ({seconds:.1} s)"));
            }
            Err(failure) if context.stop.is_raised() => return Err(failure),
            Err(failure) => {
                context.say(&format!("{name}: FAILED: {failure}"));
                failed.push(name);
            }
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "checks failed: {}",
        failed.join(", ")
    )))
}

fn format(context: &Context) -> Outcome<&'static str> {
    let mut command = cargo("fmt");
    command.args(["--all", "--check"]);
    passed(program::shown(context, "cargo fmt", command))
}

fn clippy_native(context: &Context) -> Outcome<&'static str> {
    c_compiler::require()?;
    let mut command = cargo("clippy");
    command.args([
        "--workspace",
        "--exclude",
        "dockgate-filter",
        "--all-targets",
    ]);
    command.args(["--", "--deny", "warnings"]);
    passed(program::shown(context, "cargo clippy", command))
}

/// The filter as it is built for Envoy. Debian's compiler has no clippy: there clippy checks the
/// filter natively, which needs no linking, and the compiler alone checks it for Wasm.
fn clippy_wasm(context: &Context) -> Outcome<&'static str> {
    let target = wasm_target::provide(context)?;
    match target {
        WasmTarget::Rustup => {
            let mut command = target.cargo("clippy");
            command.args([
                "--package",
                "dockgate-filter",
                "--package",
                "dockgate-policy",
            ]);
            command.args(["--package", "dockgate-token", "--", "--deny", "warnings"]);
            passed(program::shown(context, "cargo clippy for Wasm", command))
        }
        WasmTarget::Debian { .. } => {
            let mut command = cargo("clippy");
            command.args(["--package", "dockgate-filter", "--", "--deny", "warnings"]);
            program::shown(context, "cargo clippy for the filter", command)?;
            let mut command = target.cargo("rustc");
            command.args(["--package", "dockgate-filter", "--profile", "wasm"]);
            command.args(["--", "--deny", "warnings"]);
            program::shown(context, "cargo rustc for Wasm", command)?;
            Ok("passed: clippy checked the filter natively, the compiler alone checked it for Wasm")
        }
    }
}

fn dependencies(context: &Context) -> Outcome<&'static str> {
    let mut command = deny(context)?;
    command.args(["bans", "licenses", "sources"]);
    passed(program::shown(context, "cargo deny", command))
}

/// The database of advisories is a git repository that not every machine can reach.
fn advisories(context: &Context) -> Outcome<&'static str> {
    let mut command = deny(context)?;
    command.arg("advisories");
    let answer = program::logged("cargo deny advisories", command)
        .within(Duration::from_secs(120))
        .run(context);
    match answer {
        Ok(_) => Ok("passed: the database answered and lists none of the dependencies"),
        Err(failure) if database_did_not_answer(&failure.to_string()) => {
            Ok("NOT CHECKED: the database did not answer")
        }
        Err(failure) => Err(failure),
    }
}

fn passed(outcome: Outcome) -> Outcome<&'static str> {
    outcome.map(|()| PASSED)
}

fn database_did_not_answer(failure: &str) -> bool {
    let signs = ["failed to fetch advisory database", "took longer than"];
    signs.iter().any(|sign| failure.contains(sign))
}

fn deny(context: &Context) -> Outcome<Command> {
    let mut command = Command::new(cargo_deny::provide(context)?);
    // Duplicates are worth a look now and then, not a screenful at every run.
    command
        .args(["--log-level", "error", "check"])
        .current_dir(repository());
    Ok(command)
}
