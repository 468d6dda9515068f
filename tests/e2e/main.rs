//! The whole stack from outside: real Envoy, real issuer, nothing in between.
//!
//! `cargo xtask test e2e` builds what these tests run. COVERAGE.md says which requirement each
//! shows.

mod admits;
mod algorithms;
mod assertions;
mod backup;
mod bad_input;
mod cache;
mod code_flow;
mod configuration;
mod cors;
mod deployment;
mod deployment_files;
mod disk_full;
mod durable;
mod echoes;
mod endpoints;
mod fails_closed;
mod filter_state;
mod grants;
mod hidden;
mod hostile;
mod identity;
mod issuer_down;
mod key_fetching;
mod key_sources;
mod leniency;
mod login_flood;
mod metadata;
mod openid;
mod pages;
mod paths;
mod races;
mod readme;
mod refresh;
mod refuses;
mod removed;
mod report_only;
mod secrets;
mod slow_clients;
mod streaming;
mod token_endpoint;
mod two_filters;
mod up;
mod vm_failure;
