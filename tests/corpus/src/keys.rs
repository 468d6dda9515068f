//! One key pair for each algorithm, RSA shared by those that use it.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RsaEncoding, RsaKeyPair,
};
use dockgate_token::{Algorithm, encode_segment};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::rand_core::OsRng;
use rsa::{BigUint, RsaPrivateKey};
use serde_json::{Value, json};

/// The pairs.
pub struct Keys {
    rsa: RsaKeyPair,
    /// The same, for what a library that signs does not do.
    raw_rsa: RsaPrivateKey,
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
}

impl Keys {
    /// Makes a pair for each algorithm.
    ///
    /// # Panics
    /// When the crypto library fails.
    #[must_use]
    pub fn generate() -> Self {
        let rsa = RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key");
        let der: Pkcs8V1Der<'_> = rsa.as_der().expect("PKCS #8");
        Self {
            raw_rsa: RsaPrivateKey::from_pkcs8_der(der.as_ref()).expect("an RSA key"),
            rsa,
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a P-256 key"),
            p384: EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a P-384 key"),
            ed25519: Ed25519KeyPair::generate().expect("an Ed25519 key"),
        }
    }

    /// Signs with the key for the algorithm, in the form that JWS has.
    ///
    /// # Panics
    /// When the crypto library fails.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            self.rsa
                .sign(encoding, &random, message, &mut signature)
                .expect("a signature");
            signature
        };
        match algorithm {
            Algorithm::RS256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::RS384 => rsa(&RSA_PKCS1_SHA384),
            Algorithm::RS512 => rsa(&RSA_PKCS1_SHA512),
            Algorithm::PS256 => rsa(&RSA_PSS_SHA256),
            Algorithm::ES256 => self
                .p256
                .sign(&random, message)
                .expect("a signature")
                .as_ref()
                .to_vec(),
            Algorithm::ES384 => self
                .p384
                .sign(&random, message)
                .expect("a signature")
                .as_ref()
                .to_vec(),
            Algorithm::EdDSA => self.ed25519.sign(message).as_ref().to_vec(),
        }
    }

    /// What the RSA key makes of a block of the length of its modulus: a signature by RSASP1
    /// (RFC 8017 §5.2.1), whatever padding is in it.
    ///
    /// # Panics
    /// When the block is not less than the modulus, or the crypto library fails.
    pub fn sign_block(&self, block: &[u8]) -> Vec<u8> {
        let message = BigUint::from_bytes_be(block);
        let signed = rsa::hazmat::rsa_decrypt_and_check(&self.raw_rsa, Some(&mut OsRng), &message);
        let signed = signed.expect("a signature").to_bytes_be();
        let missing = self.rsa.public_modulus_len() - signed.len();
        [vec![0; missing], signed].concat()
    }

    /// Every algorithm's public key under the algorithm's name.
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = Algorithm::ALL
            .into_iter()
            .map(|algorithm| self.jwk(algorithm))
            .collect();
        json!({ "keys": keys })
    }

    fn jwk(&self, algorithm: Algorithm) -> Value {
        let name = algorithm.as_str();
        match algorithm {
            Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512 | Algorithm::PS256 => {
                let n = self
                    .rsa
                    .public_key()
                    .modulus()
                    .big_endian_without_leading_zero()
                    .to_vec();
                json!({"kty": "RSA", "kid": name, "alg": name, "n": encode_segment(&n), "e": "AQAB"})
            }
            Algorithm::ES256 => ec_jwk(name, "P-256", self.p256.public_key().as_ref()),
            Algorithm::ES384 => ec_jwk(name, "P-384", self.p384.public_key().as_ref()),
            Algorithm::EdDSA => {
                let x = encode_segment(self.ed25519.public_key().as_ref());
                json!({"kty": "OKP", "crv": "Ed25519", "kid": name, "alg": name, "x": x})
            }
        }
    }
}

/// From the uncompressed point: 4, x, y.
fn ec_jwk(name: &str, curve: &str, point: &[u8]) -> Value {
    let (x, y) = point[1..].split_at((point.len() - 1) / 2);
    json!({"kty": "EC", "crv": curve, "kid": name, "alg": name, "x": encode_segment(x), "y": encode_segment(y)})
}
