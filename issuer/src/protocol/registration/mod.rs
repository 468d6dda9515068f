//! Clients that register themselves (RFC 7591), and what they may then do with their registration
//! (RFC 7592).
//!
//! 1. [`access`] says whether a request may register a client at all, or is by the client that it is
//!    about.
//! 2. [`ClientMetadata::read`] turns the body into what is registered: every check in order, every
//!    default filled in. What it gives is kept, answered, and made a client of.
//! 3. [`answer`] is what the client is told.
//!
//! A software statement is never taken: there is nobody whose statements would be believed.

pub mod access;
pub mod answer;
mod document;
mod error;
mod json;
mod kept;
mod members;
pub mod metadata;
mod policy;
mod uris;

pub use document::ClientDocument;
pub use error::RegistrationError;
pub use kept::{AuthenticationMethod, ClientMetadata, WebOrNative};
pub use policy::{InitialAccessToken, Offer, REGISTRABLE, RegistrationPolicy};

/// The largest body of a registration, in bytes: ten times what the longest in the field have.
pub const MAX_BODY_BYTES: usize = 16 * 1024;
/// The most redirect URIs that a client may register, of either kind.
pub const MAX_REDIRECT_URIS: usize = 20;
/// The longest URI, in bytes.
pub const MAX_URI_BYTES: usize = 1024;
/// The longest name, in bytes, in each language.
pub const MAX_NAME_BYTES: usize = 256;
/// The most languages that a name may come in, and the most contacts.
pub const MAX_LISTED: usize = 20;

#[cfg(test)]
mod tests;
