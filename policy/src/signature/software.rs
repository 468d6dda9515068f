//! Checking signatures with the primitives that jwt-simple is built on, and Ed25519 with a library
//! whose arithmetic suits Wasm better.
//!
//! jwt-simple's `verify_token` also judges claims, with a tolerance of 15 minutes and a clock of
//! its own; only what lies below it is used, so that claims have one judge.

use dockgate_token::Algorithm;
use superboring::hash::MessageDigest;
use superboring::rsa::Padding;
use superboring::sign::Verifier;

use super::{PublicKey, VerifySignature};
use crate::keys::VerificationKey;

/// Checks every supported algorithm without a host. Slower than BoringSSL for RSA and ECDSA.
#[derive(Clone, Copy, Debug)]
pub struct SoftwareVerifier;

impl VerifySignature for SoftwareVerifier {
    fn verify(&self, key: &VerificationKey, signing_input: &[u8], signature: &[u8]) -> bool {
        let public_key = key.public_key();
        match key.algorithm() {
            Algorithm::RS256 => rsa(
                public_key,
                MessageDigest::sha256(),
                Padding::PKCS1,
                signing_input,
                signature,
            ),
            Algorithm::RS384 => rsa(
                public_key,
                MessageDigest::sha384(),
                Padding::PKCS1,
                signing_input,
                signature,
            ),
            Algorithm::RS512 => rsa(
                public_key,
                MessageDigest::sha512(),
                Padding::PKCS1,
                signing_input,
                signature,
            ),
            Algorithm::PS256 => rsa(
                public_key,
                MessageDigest::sha256(),
                Padding::PKCS1_PSS,
                signing_input,
                signature,
            ),
            Algorithm::ES256 => public_key.verify_p256(signing_input, signature),
            Algorithm::ES384 => public_key.verify_p384(signing_input, signature),
            Algorithm::EdDSA => public_key.verify_ed25519(signing_input, signature),
        }
    }
}

fn rsa(
    key: &PublicKey,
    digest: MessageDigest,
    padding: Padding,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let PublicKey::Rsa(rsa) = key else {
        return false;
    };
    let check = || {
        let mut verifier = Verifier::new(digest, &rsa.key)?;
        verifier.set_rsa_padding(padding)?;
        verifier.update(message)?;
        verifier.verify(signature)
    };
    check().unwrap_or(false)
}
