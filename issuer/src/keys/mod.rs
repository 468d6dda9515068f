//! The signing keys: made at first start, kept in the store, published as a JWKS, and followed by
//! others in time.
//!
//! A key is on disk before it signs or is published, so a JWKS that anyone has seen survives a
//! crash. `lifecycle.rs` has the rules of its life, [`Keeper`] carries them out.

mod error;
pub mod import;
mod jwk;
mod jwk_set;
mod keeper;
mod keyring;
pub mod lifecycle;
mod opening;
mod sealing;
mod signing_key;
#[cfg(test)]
pub(crate) mod tests;
mod verification;

pub use error::KeyError;
pub use jwk::{PublicJwk, thumbprint};
pub use jwk_set::{KeySetError, VerificationKeys};
pub use keeper::{First, Keeper, KeySettings, KeyStatus, Moment, Old};
pub use keyring::Keyring;
pub use sealing::{KeyEncryptionSecret, Protection};
pub use signing_key::TokenKind;
pub use verification::VerificationKey;
