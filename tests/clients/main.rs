//! Clients that others wrote, unmodified, against the demo through Envoy.
//!
//! `cargo xtask test clients` installs them at the versions of the lock files here, runs them, and
//! prints what each was made to do; docs/compatibility.md is what it prints.

mod beside;
mod client;
mod crates;
mod envoy;
mod foreign;
mod javascript;
mod mcp;
mod python;
mod tabs;
