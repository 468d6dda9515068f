//! One signing key, parsed once.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use dockgate_token::{ACCESS_TOKEN_TYPE, Algorithm, encode_segment, signing_input};
use serde_json::json;

use super::jwk::{KeyMembers, thumbprint};
use super::{KeyError, PublicJwk};
use crate::store::PrivateKey;

/// A parsed private key with everything that is the same for each token it signs.
pub(super) struct SigningKey {
    pair: Pair,
    jwk: PublicJwk,
    access_token_header: Vec<u8>,
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
    /// Parses a private key that is used with `algorithm` alone.
    pub(super) fn load(algorithm: Algorithm, key: &PrivateKey) -> Result<Self, KeyError> {
        let pair = Pair::load(algorithm, key.expose_pkcs8())?;
        let members = pair
            .public_members()
            .ok_or(KeyError::Unreadable(algorithm))?;
        let kid = thumbprint(&members);
        let header = json!({ "alg": algorithm, "typ": ACCESS_TOKEN_TYPE, "kid": kid });
        let jwk = PublicJwk {
            kid: kid.parse().map_err(|_| KeyError::Unreadable(algorithm))?,
            alg: algorithm,
            usage: "sig",
            key: members,
        };
        Ok(Self {
            pair,
            jwk,
            access_token_header: header.to_string().into_bytes(),
        })
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.jwk.alg
    }

    pub(super) fn jwk(&self) -> &PublicJwk {
        &self.jwk
    }

    /// Signs an access token's claims: a compact JWS with `typ: at+jwt` (RFC 9068 §2.1).
    pub(super) fn sign_access_token(&self, claims: &[u8]) -> Result<String, KeyError> {
        let mut token = signing_input(&self.access_token_header, claims);
        let signature = self.pair.sign(token.as_bytes());
        let signature = signature.ok_or(KeyError::NotSigned(self.algorithm()))?;
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
