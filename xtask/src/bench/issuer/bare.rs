//! Bare signatures: what a token costs at the least.

use std::process::Command;

use dockgate_stack::target_dir;
use serde::{Deserialize, Serialize};

use crate::bench::affinity::{Cores, on_server_core};
use crate::bench::algorithm::Algorithm;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program::logged;

/// One core's speed with one algorithm.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Bare {
    pub(super) algorithm: String,
    pub(super) per_second: f64,
    pub(super) cpu_us: f64,
}

/// Runs the issuer's example on the server's core.
pub(super) fn measure(context: &Context, cores: Option<Cores>) -> Outcome<Vec<Bare>> {
    let program = target_dir().join("release/examples/bare_signatures");
    let written = on_server_core(cores, || {
        logged("bare signatures", Command::new(program)).run(context)
    })?;
    let parse = |line: &str| {
        serde_json::from_str(line)
            .map_err(|error| Failure::new(format!("bare signatures: {line}: {error}")))
    };
    written.lines().map(parse).collect()
}

/// The figure for one algorithm.
pub(super) fn of(figures: &[Bare], algorithm: Algorithm) -> Option<&Bare> {
    figures
        .iter()
        .find(|bare| bare.algorithm == algorithm.as_str())
}
