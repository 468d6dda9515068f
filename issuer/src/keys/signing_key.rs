//! One signing key, parsed once.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use dockgate_token::{
    ACCESS_TOKEN_TYPE, Algorithm, CompactJws, KeyId, encode_segment, signing_input,
};
use serde_json::json;

use super::jwk::{KeyMembers, thumbprint};
use super::{KeyError, PublicJwk, VerificationKey};
use crate::metrics;
use crate::store::PrivateKey;

/// A parsed private key with everything that is the same for each token it signs.
pub(super) struct SigningKey {
    pair: Pair,
    jwk: PublicJwk,
    verification: VerificationKey,
    access_token_header: Vec<u8>,
    id_token_header: Vec<u8>,
}

/// What kind of token a key signs. Each kind has a `typ` of its own, so that none passes for
/// another (RFC 8725 §3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// `at+jwt` (RFC 9068 §2.1).
    AccessToken,
    /// `JWT`, which is what clients of OpenID Connect expect or ignore.
    IdToken,
}

impl TokenKind {
    fn typ(self) -> &'static str {
        match self {
            Self::AccessToken => ACCESS_TOKEN_TYPE,
            Self::IdToken => "JWT",
        }
    }
}

enum Pair {
    Rsa {
        pair: RsaKeyPair,
        padding: &'static dyn RsaEncoding,
    },
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Makes a private key for `algorithm`; RSA keys have 2048 bits (RFC 7518 §3.3).
pub(super) fn generate(algorithm: Algorithm) -> Result<PrivateKey, KeyError> {
    let failed = |_| KeyError::NotGenerated(algorithm);
    let der = match algorithm {
        Algorithm::RS256 | Algorithm::PS256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
            pair.as_der().map_err(failed)?.as_ref().to_vec()
        }
        Algorithm::ES256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
            pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec()
        }
        Algorithm::EdDSA => {
            let pair = Ed25519KeyPair::generate().map_err(failed)?;
            pair.to_pkcs8().map_err(failed)?.as_ref().to_vec()
        }
        Algorithm::RS384 | Algorithm::RS512 | Algorithm::ES384 => {
            return Err(KeyError::Unsupported(algorithm));
        }
    };
    Ok(PrivateKey::from_pkcs8(der))
}

impl SigningKey {
    /// Parses a private key that is used with `algorithm` alone. Without a name it is known by its
    /// thumbprint.
    pub(super) fn load(
        algorithm: Algorithm,
        kid: Option<KeyId>,
        key: &PrivateKey,
    ) -> Result<Self, KeyError> {
        let pair = Pair::load(algorithm, key.expose_pkcs8())?;
        let members = pair
            .public_members()
            .ok_or(KeyError::Unreadable(algorithm))?;
        let unreadable = |_| KeyError::Unreadable(algorithm);
        let kid = kid.map_or_else(|| thumbprint(&members).parse().map_err(unreadable), Ok)?;
        let header = |kind: TokenKind| {
            let header = json!({ "alg": algorithm, "typ": kind.typ(), "kid": kid });
            header.to_string().into_bytes()
        };
        let (access_token_header, id_token_header) =
            (header(TokenKind::AccessToken), header(TokenKind::IdToken));
        let verification = VerificationKey::of_members(algorithm, &members)
            .ok_or(KeyError::Unreadable(algorithm))?;
        let jwk = PublicJwk {
            kid,
            alg: algorithm,
            usage: "sig",
            key: members,
        };
        Ok(Self {
            pair,
            jwk,
            verification,
            access_token_header,
            id_token_header,
        })
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.jwk.alg
    }

    pub(super) fn jwk(&self) -> &PublicJwk {
        &self.jwk
    }

    /// Whether this key made the token, and as one of that kind: its header is then the very one
    /// that this key writes.
    pub(super) fn has_signed(&self, kind: TokenKind, token: &CompactJws) -> bool {
        token.header == self.header(kind)
            && self
                .verification
                .verify(token.signing_input, &token.signature)
    }

    fn header(&self, kind: TokenKind) -> &[u8] {
        match kind {
            TokenKind::AccessToken => &self.access_token_header,
            TokenKind::IdToken => &self.id_token_header,
        }
    }

    /// Signs a token's claims: a compact JWS.
    pub(super) fn sign(&self, kind: TokenKind, claims: &[u8]) -> Result<String, KeyError> {
        let mut token = signing_input(self.header(kind), claims);
        let signature = self.pair.sign(token.as_bytes());
        let signature = signature.ok_or(KeyError::NotSigned(self.algorithm()))?;
        metrics::signed(self.algorithm().as_str());
        token.push('.');
        token.push_str(&encode_segment(&signature));
        Ok(token)
    }
}

impl Pair {
    fn load(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let unreadable = |_| KeyError::Unreadable(algorithm);
        let rsa = |padding: &'static dyn RsaEncoding| {
            Ok(Self::Rsa {
                pair: RsaKeyPair::from_pkcs8(der).map_err(unreadable)?,
                padding,
            })
        };
        match algorithm {
            Algorithm::RS256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::PS256 => rsa(&RSA_PSS_SHA256),
            Algorithm::ES256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der);
                Ok(Self::Ecdsa(pair.map_err(unreadable)?))
            }
            Algorithm::EdDSA => Ok(Self::Ed25519(
                Ed25519KeyPair::from_pkcs8(der).map_err(unreadable)?,
            )),
            Algorithm::RS384 | Algorithm::RS512 | Algorithm::ES384 => {
                Err(KeyError::Unsupported(algorithm))
            }
        }
    }

    fn public_members(&self) -> Option<KeyMembers> {
        match self {
            Self::Rsa { pair, .. } => {
                let public = pair.public_key();
                Some(KeyMembers::Rsa {
                    n: encode_segment(public.modulus().big_endian_without_leading_zero()),
                    e: encode_segment(public.exponent().big_endian_without_leading_zero()),
                })
            }
            // An uncompressed point: 0x04, then both coordinates (SEC 1 §2.3.3).
            Self::Ecdsa(pair) => {
                let point = pair.public_key().as_ref().strip_prefix(&[0x04])?;
                let (x, y) = point.split_at_checked(32)?;
                Some(KeyMembers::Ec {
                    crv: "P-256",
                    x: encode_segment(x),
                    y: encode_segment(y),
                })
            }
            Self::Ed25519(pair) => Some(KeyMembers::Okp {
                crv: "Ed25519",
                x: encode_segment(pair.public_key().as_ref()),
            }),
        }
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa { pair, padding } => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &SystemRandom::new(), message, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Self::Ecdsa(pair) => Some(
                pair.sign(&SystemRandom::new(), message)
                    .ok()?
                    .as_ref()
                    .to_vec(),
            ),
            Self::Ed25519(pair) => Some(pair.try_sign(message).ok()?.as_ref().to_vec()),
        }
    }
}
