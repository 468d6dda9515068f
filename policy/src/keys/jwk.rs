//! One key of a JWKS (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2), checked before it is ever used.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::{Algorithm, KeyId};

use crate::signature::PublicKey;
use crate::strict_json::{Json, JsonObject};

/// A public key that verifies signatures of exactly one algorithm.
pub struct VerificationKey {
    identity: Arc<KeyIdentity>,
    public_key: PublicKey,
}

/// What tells keys apart: equal ones verify the same signatures of the same tokens.
#[derive(PartialEq, Eq)]
pub(crate) struct KeyIdentity {
    key_id: Option<KeyId>,
    algorithm: Algorithm,
    spki_der: Vec<u8>,
}

impl KeyIdentity {
    pub(crate) fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl VerificationKey {
    /// Its name in the JWKS.
    pub fn key_id(&self) -> Option<&KeyId> {
        self.identity.key_id()
    }

    /// The one algorithm that it is for.
    pub fn algorithm(&self) -> Algorithm {
        self.identity.algorithm()
    }

    /// What tells it from other keys; it may outlive the key.
    pub(crate) fn identity(&self) -> &Arc<KeyIdentity> {
        &self.identity
    }

    /// The key itself.
    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The key as a DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), for a host that verifies.
    pub fn spki_der(&self) -> &[u8] {
        &self.identity.spki_der
    }

    /// Reads a JWK.
    ///
    /// Without `alg` the key type decides: RSA is RS256, P-256 is ES256, P-384 is ES384 and Ed25519
    /// is EdDSA.
    ///
    /// # Errors
    /// [`KeyFault`] for a key that may not verify access tokens.
    pub(crate) fn from_jwk(jwk: &JsonObject<'_>) -> Result<Self, KeyFault> {
        let text = |member: &str| jwk.get(member).and_then(Json::as_str);
        let key_id = match jwk.get("kid") {
            None => None,
            Some(kid) => Some(
                kid.as_str()
                    .and_then(|kid| kid.parse().ok())
                    .ok_or(KeyFault::BadKeyId)?,
            ),
        };
        // A published private key is everybody's key.
        if PRIVATE_MEMBERS
            .iter()
            .any(|member| jwk.get(member).is_some())
        {
            return Err(KeyFault::Private);
        }
        // RFC 7517 §4.2 and §4.3.
        if jwk
            .get("use")
            .is_some_and(|usage| usage.as_str() != Some("sig"))
        {
            return Err(KeyFault::OtherUse);
        }
        if jwk.get("key_ops").is_some_and(|ops| !names_verify(ops)) {
            return Err(KeyFault::OtherUse);
        }
        let natural = match (text("kty"), text("crv")) {
            (Some("RSA"), _) => Algorithm::RS256,
            (Some("EC"), Some("P-256")) => Algorithm::ES256,
            (Some("EC"), Some("P-384")) => Algorithm::ES384,
            (Some("OKP"), Some("Ed25519")) => Algorithm::EdDSA,
            _ => return Err(KeyFault::UnknownType),
        };
        let algorithm = match jwk.get("alg") {
            None => natural,
            Some(alg) => alg
                .as_str()
                .and_then(|alg| alg.parse().ok())
                .ok_or(KeyFault::OtherAlgorithm)?,
        };
        let public_key = match (natural, algorithm) {
            (
                Algorithm::RS256,
                Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512 | Algorithm::PS256,
            ) => PublicKey::rsa(&octets(jwk, "n", MAX_RSA_BYTES)?, &octets(jwk, "e", 8)?),
            (Algorithm::ES256, Algorithm::ES256) => {
                PublicKey::p256(&octets(jwk, "x", 32)?, &octets(jwk, "y", 32)?)
            }
            (Algorithm::ES384, Algorithm::ES384) => {
                PublicKey::p384(&octets(jwk, "x", 48)?, &octets(jwk, "y", 48)?)
            }
            (Algorithm::EdDSA, Algorithm::EdDSA) => PublicKey::ed25519(&octets(jwk, "x", 32)?),
            _ => return Err(KeyFault::OtherAlgorithm),
        }
        .ok_or(KeyFault::Weak)?;
        let spki_der = public_key.to_spki_der().ok_or(KeyFault::Weak)?;
        let identity = KeyIdentity {
            key_id,
            algorithm,
            spki_der,
        };
        Ok(Self {
            identity: Arc::new(identity),
            public_key,
        })
    }
}

/// Shows which key it is and not what it is made of.
impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kid = self.key_id().map_or("(none)", KeyId::as_str);
        write!(f, "VerificationKey({kid}, {})", self.algorithm())
    }
}

/// Why a key of a JWKS is passed over. The other keys are used all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyFault {
    /// `kid` is no string of 1 to 255 bytes.
    BadKeyId,
    /// Another key of the set has the same `kid` and algorithm.
    DuplicateKeyId,
    /// It has private members, or is symmetric.
    Private,
    /// It is for encryption (`use`, `key_ops`).
    OtherUse,
    /// Its type or curve is not supported.
    UnknownType,
    /// Its `alg` is not on the allow-list or does not fit its type.
    OtherAlgorithm,
    /// A member is absent, too long or not base64url.
    BadMember,
    /// RSA outside 2048 to 4096 bits, with an exponent other than 65537 or a modulus that can be
    /// factored (a small factor, ROCA), a point that is not on its curve, or a low-order Ed25519 key.
    Weak,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadKeyId => "kid is not a string of 1 to 255 bytes",
            Self::DuplicateKeyId => "another key has the same kid",
            Self::Private => "it is private or symmetric",
            Self::OtherUse => "it is not for verifying signatures",
            Self::UnknownType => "its type or curve is not supported",
            Self::OtherAlgorithm => "its alg is not supported or does not fit its type",
            Self::BadMember => "a member is missing or malformed",
            Self::Weak => "it is too weak or not a valid key",
        })
    }
}

fn names_verify(ops: &Json<'_>) -> bool {
    match ops {
        Json::Array(ops) => ops.iter().any(|op| op.as_str() == Some("verify")),
        _ => false,
    }
}

fn octets(jwk: &JsonObject<'_>, member: &str, max_bytes: usize) -> Result<Vec<u8>, KeyFault> {
    let text = jwk
        .get(member)
        .and_then(Json::as_str)
        .ok_or(KeyFault::BadMember)?;
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| KeyFault::BadMember)?;
    if bytes.is_empty() || bytes.len() > max_bytes {
        Err(KeyFault::BadMember)
    } else {
        Ok(bytes)
    }
}

/// `k` is the whole of a symmetric key (RFC 7518 §6.4.1).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// 4096 bits and one leading zero.
const MAX_RSA_BYTES: usize = 513;
