//! Documents that say what a client is, whose id is their URL, and its keys: fetched without letting anybody reach
//! what they could not reach themselves, and kept for as long as HTTP says within bounds.
//!
//! [`address`] says which addresses are fetched from, [`fetch`] fetches one document, [`freshness`] says
//! how long it is good, [`known`] keeps them.

mod address;
mod error;
mod fetch;
mod freshness;
mod known;
mod resolve;
#[cfg(test)]
mod tests;
mod tls;

pub use error::DocumentError;
pub use known::{About, Asker, ClientDocuments};
pub use resolve::{Resolve, system_resolver};
pub use tls::{TlsError, trust};

/// The largest document, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 16 * 1024;
/// How long a fetch may take as a whole, in seconds.
pub const FETCH_SECONDS: u64 = 5;
/// How many are fetched at once; others wait.
pub const MAX_AT_ONCE: usize = 32;
/// How many documents are kept; of too many the one that was used least recently goes.
pub const MAX_DOCUMENTS: usize = 1_000;
