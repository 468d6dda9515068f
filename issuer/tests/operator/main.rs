//! The operator's commands, as processes, on a running issuer of the demo's configuration.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]

mod clients;
mod documented;
mod process;
mod refusals;
mod remedies;
mod sealing;
mod terminal;
mod tokens;
mod users;
