//! `hash-password`: what stands for a password in the configuration. Needs no running issuer.

use std::process::ExitCode;

use super::failure::Failure;
use super::{output, password_input};

pub(crate) fn run() -> ExitCode {
    let done = password_input::hash_of_any().and_then(|hash| output::print(&(hash + "\n")));
    done.map_or_else(|failure| Failure::end(&failure), |()| ExitCode::SUCCESS)
}
