//! The real issuer under load that means harm: what it takes, who is served meanwhile, and what is
//! left of it after SIGKILL and SIGTERM. Each test starts an issuer of its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]

mod draining;
mod endless_bodies;
mod guesses;
mod open_files;
mod pending;
mod process;
mod registrations;
mod slow_sockets;
mod without_a_token;
