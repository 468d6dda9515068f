//! Registration over HTTP (RFC 7591), and management of a registration (RFC 7592). The rules are in
//! `protocol::registration`.
//!
//! Where registration is off there is nothing at these paths.

mod answer;
mod expiry;
mod manage;
mod new;
#[cfg(test)]
mod tests;

pub use self::expiry::remove_unused;
pub(super) use self::manage::{change, preflight_of_one, read, remove};
pub(super) use self::new::{preflight, register};
