//! Checking signatures: the seam, and its implementation without a host's help.

mod known_answers;
mod public_key;
mod software;

pub use known_answers::gives_known_answers;
pub(crate) use public_key::PublicKey;
pub use public_key::ecdsa_der;
pub use software::SoftwareVerifier;

use crate::keys::VerificationKey;

/// Something that can check a signature. There are two: the host, and [`SoftwareVerifier`].
pub trait VerifySignature {
    /// Whether `signature`, in the form of RFC 7518 §3, is by `key` over `signing_input`.
    ///
    /// Every failure, of whatever kind, is `false`.
    fn verify(&self, key: &VerificationKey, signing_input: &[u8], signature: &[u8]) -> bool;
}
