//! The issuers' keys: reading a JWKS, finding the key of a token, and when to fetch again.

mod jwk;
mod jwks;
mod key_ring;
mod schedule;

pub(crate) use jwk::KeyIdentity;
pub use jwk::{KeyFault, VerificationKey};
pub use jwks::{JwksError, KeySet, SkippedKey};
pub use key_ring::KeyRing;
pub use schedule::FetchSchedule;
