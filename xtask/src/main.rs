//! `cargo xtask`: set-up, the demo, the tests and the checks.

mod bench;
mod build;
mod cargo;
mod ci;
mod compatibility;
mod context;
mod disk;
mod dist;
mod docs;
mod evidence;
mod failure;
mod filter_check;
mod interrupt;
mod pictures;
mod program;
mod setup;
mod test;
mod tidy;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::context::Context;
use crate::failure::Outcome;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Dockgate's set-up, demo, tests and checks"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Start the demo: Envoy with the filter, the issuer and a sample API.
    Up(up::Arguments),
    /// Do all set-up and run every test, or only some groups of tests.
    Test(test::Arguments),
    /// Run every check that is not a test: formatting, lints, dependencies, tidiness.
    Ci,
    /// Build what the demo runs.
    Build {
        /// What to build.
        #[arg(value_enum, default_value_t)]
        what: build::What,
    },
    /// Build a release: programs, module, archive, bills of materials, checksums.
    Dist(dist::Arguments),
    /// Measure something, in a way that anyone can repeat.
    Bench {
        /// What to measure.
        #[command(subcommand)]
        what: bench::What,
    },
    /// Say what a filter configuration does with requests, without Envoy.
    FilterCheck(filter_check::Arguments),
    /// Write the reference of the issuer's configuration anew, from the comments in its code.
    Docs,
    /// Take a picture of every page of the issuer: narrow and wide, light and dark.
    Pictures,
    /// Check that the repository keeps the rules of ARCHITECTURE.md.
    Tidy,
}

fn main() -> ExitCode {
    let Arguments { task } = Arguments::parse();
    let context = Context::new(interrupt::listen());
    match run(&context, task) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever asked for the end knows why it came.
        Err(_) if context.stop.is_raised() => ExitCode::from(130),
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(context: &Context, task: Task) -> Outcome {
    match task {
        Task::Up(arguments) => up::run(context, &arguments),
        Task::Test(arguments) => test::run(context, &arguments),
        Task::Ci => ci::run(context),
        Task::Build { what } => build::run(context, what),
        Task::Dist(arguments) => dist::run(context, &arguments),
        Task::Bench { what } => bench::run(context, &what),
        Task::FilterCheck(arguments) => filter_check::run(&arguments),
        Task::Docs => docs::run(context),
        Task::Pictures => pictures::run(context),
        Task::Tidy => tidy::run(),
    }
}
