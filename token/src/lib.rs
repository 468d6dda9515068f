//! The contract that the issuer and the filter both obey: what an access token *is*.
//!
//! Read in this order: [`Algorithm`], [`Scope`], the [identifiers](Issuer), [`AccessTokenClaims`],
//! [`CompactJws`]. Nothing here reads a clock, draws randomness or does I/O, and nothing here is
//! used by one side only.

mod algorithm;
mod claims;
mod compact_jws;
mod identifiers;
mod rsa_modulus;
mod scope;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use claims::{ACCESS_TOKEN_TYPE, AccessTokenClaims, Actor, Audience};
pub use compact_jws::{CompactJws, MalformedJws, encode_segment, signing_input};
pub use identifiers::{ClientId, IdentifierError, Issuer, IssuerError, KeyId};
pub use rsa_modulus::is_weak_modulus;
pub use scope::{Scope, ScopeError};
