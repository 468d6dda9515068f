//! The whole stack from outside: real Envoy, real issuer, nothing in between.
//!
//! `cargo xtask test e2e` builds what these tests run. COVERAGE.md says which requirement each
//! shows.

mod admits;
mod algorithms;
mod backup;
mod configuration;
mod fails_closed;
mod hidden;
mod identity;
mod issuer_down;
mod metadata;
mod paths;
mod refuses;
mod slow_clients;
mod streaming;
mod token_endpoint;
mod up;
