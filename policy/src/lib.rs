//! The decision core of the filter: who may pass, and what everybody else is told.
//!
//! [`decide`] is the one entry point. It is pure: the request, the keys, the means to check a
//! signature and the time are arguments, so that everything here runs under plain `cargo test`.
//!
//! Read in this order: [`config`] (what an operator writes) → `rules` and `path` (what a request
//! needs) → `credentials`, `verify` and `cache` (what its token proves) → `decision` → `denial`.

mod cache;
mod claim_requirement;
mod claims;
pub mod config;
mod cors;
mod credentials;
mod decision;
mod denial;
mod describe;
mod explain;
mod filter_state;
mod forward;
mod header;
pub mod keys;
mod lint;
mod matched;
mod metadata;
mod path;
mod requirement;
mod resource;
mod roll;
mod rules;
pub mod signature;
mod strict_json;
mod token_profile;
mod verify;

pub mod answer;

pub use cache::{CacheTally, TokenCache};
pub use config::{ConfigError, Policy};
pub use decision::{Admission, Decision, Permit, Reply, Request, decide};
pub use denial::{Denial, TokenFault};
pub use explain::{Explanation, WithToken, explain};
pub use forward::HeaderEdits;
pub use forward::identity_lookalikes;
pub use lint::{Advice, Weight, lint};
pub use roll::{Presence, Roll, Totals};
pub use verify::VerifiedToken;

/// Seconds since the Unix epoch.
pub type UnixSeconds = u64;
