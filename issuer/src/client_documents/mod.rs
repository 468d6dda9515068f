//! Documents that say what a client is, whose id is their URL, and its keys: fetched without letting anybody reach
//! what they could not reach themselves, and kept for as long as HTTP says within bounds.
//!
//! [`address`] says which addresses are fetched from, [`fetch`] fetches one document, [`freshness`] says
//! how long it is good, [`turns`] whose turn it is, [`known`] keeps them.

mod address;
mod error;
mod fetch;
mod freshness;
mod known;
mod resolve;
#[cfg(test)]
mod tests;
mod tls;
mod turns;

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
/// How many of one site are fetched at once.
pub const MAX_AT_ONCE_OF_A_SITE: usize = 4;
/// How many are fetched at once for one address, or one IPv6 network of 48 bits.
pub const MAX_AT_ONCE_FOR_A_SOURCE: usize = 8;
/// How many documents are kept; of too many the one that was used least recently goes.
pub const MAX_DOCUMENTS: usize = 1_000;
/// How many of one site are kept, likewise.
pub const MAX_DOCUMENTS_OF_A_SITE: usize = 100;
