//! The signing keys: made at first start, kept in the store, published as a JWKS.
//!
//! A key is on disk before it signs or is published, so a JWKS that anyone has seen survives a
//! crash.

mod error;
mod jwk;
mod jwk_set;
mod keyring;
mod signing_key;
#[cfg(test)]
pub(crate) mod tests;
mod verification;

pub use error::KeyError;
pub use jwk::{PublicJwk, thumbprint};
pub use jwk_set::{KeySetError, VerificationKeys};
pub use keyring::Keyring;
pub use signing_key::TokenKind;
pub use verification::VerificationKey;
