//! The issuers' keys: where they are fetched, when and by which VM; reading a JWKS, and finding the
//! key of a token.

mod fetch;
mod freshness;
mod jwk;
mod jwks;
mod key_ring;
mod slot;
mod timing;

pub use fetch::{CallAnswer, FetchFault, FetchOutcome, FetchStep, FetchedKeys};
pub(crate) use jwk::KeyIdentity;
pub use jwk::{KeyFault, VerificationKey};
pub use jwks::{JwksError, KeySet, SkippedKey, fingerprint};
pub use key_ring::KeyRing;
pub use slot::{Slot, SlotState, slot_name};

#[cfg(test)]
mod tests;
