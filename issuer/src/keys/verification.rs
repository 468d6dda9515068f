//! Public keys that check signatures: our own, and those of clients and of trusted issuers.

use std::ops::RangeInclusive;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, EcdsaVerificationAlgorithm,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::{Algorithm, is_weak_modulus};

use super::jwk::KeyMembers;

/// The sizes of RSA keys, in bits (RFC 7518 §3.3). The crypto library looks at them when it verifies,
/// and rounds to whole bytes.
pub(super) const RSA_BITS: RangeInclusive<usize> = 2048..=8192;

/// A public key that is used with one algorithm alone (RFC 8725 §3.1).
#[derive(Clone, Debug)]
pub struct VerificationKey {
    algorithm: Algorithm,
    key: ParsedPublicKey,
}

impl PartialEq for VerificationKey {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.key.as_ref() == other.key.as_ref()
    }
}

impl VerificationKey {
    /// An RSA key from the big-endian bytes of its modulus (2048 to 8192 bits) and exponent.
    /// `None` for an algorithm that is not RSA's, a key out of bounds, or one that can
    /// be factored.
    pub fn rsa(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Option<Self> {
        let parameters: &'static RsaParameters = match algorithm {
            Algorithm::RS256 => &RSA_PKCS1_2048_8192_SHA256,
            Algorithm::RS384 => &RSA_PKCS1_2048_8192_SHA384,
            Algorithm::RS512 => &RSA_PKCS1_2048_8192_SHA512,
            Algorithm::PS256 => &RSA_PSS_2048_8192_SHA256,
            Algorithm::ES256 | Algorithm::ES384 | Algorithm::EdDSA => return None,
        };
        if !RSA_BITS.contains(&bits(n)) || !is_exponent(e) || is_weak_modulus(n) {
            return None;
        }
        let components = RsaPublicKeyComponents { n, e };
        let key = components.to_parsed_public_key(parameters).ok()?;
        Some(Self { algorithm, key })
    }

    /// An EC key from its coordinates, each as long as the curve asks (RFC 7518 §6.2.1.2). `None`
    /// for an algorithm that is not of the curve, or a point that is not on it.
    pub fn ec(algorithm: Algorithm, x: &[u8], y: &[u8]) -> Option<Self> {
        let (verification, length): (&'static EcdsaVerificationAlgorithm, usize) = match algorithm {
            Algorithm::ES256 => (&ECDSA_P256_SHA256_FIXED, 32),
            Algorithm::ES384 => (&ECDSA_P384_SHA384_FIXED, 48),
            _ => return None,
        };
        if x.len() != length || y.len() != length {
            return None;
        }
        let point = [&[0x04], x, y].concat();
        let key = ParsedPublicKey::new(verification, point).ok()?;
        Some(Self { algorithm, key })
    }

    /// An Ed25519 key from its 32 bytes (RFC 8037 §2).
    pub fn ed25519(x: &[u8]) -> Option<Self> {
        let key = ParsedPublicKey::new(&ED25519, x).ok()?;
        Some(Self {
            algorithm: Algorithm::EdDSA,
            key,
        })
    }

    pub(super) fn of_members(algorithm: Algorithm, members: &KeyMembers) -> Option<Self> {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        match members {
            KeyMembers::Rsa { n, e } => Self::rsa(algorithm, &bytes(n)?, &bytes(e)?),
            KeyMembers::Ec { x, y, .. } => Self::ec(algorithm, &bytes(x)?, &bytes(y)?),
            KeyMembers::Okp { x, .. } => Self::ed25519(&bytes(x)?),
        }
    }

    /// The one algorithm of the key.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether the signature, in the form that JWS has it, is this key's of the message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

/// The length of a number from its big-endian bytes; 0 for one that is not written shortest
/// (RFC 7518 §6.3.1.1).
pub(super) fn bits(number: &[u8]) -> usize {
    match number.first() {
        None | Some(0) => 0,
        Some(first) => 8 * number.len() - first.leading_zeros() as usize,
    }
}

/// RSA's public exponents are odd, and with 1 every message would be its own signature.
fn is_exponent(e: &[u8]) -> bool {
    let odd = e.last().is_some_and(|last| last % 2 == 1);
    odd && (2..=32).contains(&bits(e))
}
