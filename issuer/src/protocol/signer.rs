//! Key pairs of others, and a server that trusts them.

use std::path::Path;
use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RsaEncoding, RsaKeyPair,
};
use dockgate_token::{Algorithm, encode_segment, signing_input};
use serde_json::{Value, json};

use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::token_endpoint::respond;
use crate::protocol::{ClientRequest, Context, Issuance, OAuthError};
use crate::store::SledStore;

/// The issuer of the demo, whose audience assertions must have.
pub(crate) const ISSUER: &str = "http://localhost:8080";
pub(crate) const TRUSTED: &str = "https://workloads.example";
const DEMO: &str = include_str!("../../../envoy/issuer.toml");

/// A key pair for each algorithm, RSA shared by those that use it.
pub(crate) struct Signer {
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
}

/// Whose public keys the server has.
pub(crate) static OWN: LazyLock<Signer> = LazyLock::new(Signer::generate);

/// Somebody else with keys of the same kinds.
pub(crate) static OTHER: LazyLock<Signer> = LazyLock::new(Signer::generate);

impl Signer {
    fn generate() -> Self {
        Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            p384: EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap(),
            ed25519: Ed25519KeyPair::generate().unwrap(),
        }
    }

    /// A compact JWS of a header and claims as they are.
    pub(crate) fn sign(&self, algorithm: Algorithm, header: &Value, claims: &Value) -> String {
        self.sign_text(algorithm, &header.to_string(), &claims.to_string())
    }

    pub(crate) fn sign_text(&self, algorithm: Algorithm, header: &str, claims: &str) -> String {
        let input = signing_input(header.as_bytes(), claims.as_bytes());
        let signature = self.signature(algorithm, input.as_bytes());
        format!("{input}.{}", encode_segment(&signature))
    }

    fn signature(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            let signed = self.rsa.sign(encoding, &random, message, &mut signature);
            signed.unwrap();
            signature
        };
        match algorithm {
            Algorithm::RS256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::RS384 => rsa(&RSA_PKCS1_SHA384),
            Algorithm::RS512 => rsa(&RSA_PKCS1_SHA512),
            Algorithm::PS256 => rsa(&RSA_PSS_SHA256),
            Algorithm::ES256 => self.p256.sign(&random, message).unwrap().as_ref().to_vec(),
            Algorithm::ES384 => self.p384.sign(&random, message).unwrap().as_ref().to_vec(),
            Algorithm::EdDSA => self.ed25519.sign(message).as_ref().to_vec(),
        }
    }

    /// The public key for the algorithm, without `kid` and `alg`.
    pub(crate) fn jwk(&self, algorithm: Algorithm) -> Value {
        let ec = |curve: &str, point: &[u8]| {
            let (x, y) = point[1..].split_at((point.len() - 1) / 2);
            json!({"kty": "EC", "crv": curve, "x": encode_segment(x), "y": encode_segment(y)})
        };
        match algorithm {
            Algorithm::ES256 => ec("P-256", self.p256.public_key().as_ref()),
            Algorithm::ES384 => ec("P-384", self.p384.public_key().as_ref()),
            Algorithm::EdDSA => {
                let x = encode_segment(self.ed25519.public_key().as_ref());
                json!({"kty": "OKP", "crv": "Ed25519", "x": x})
            }
            _ => {
                let modulus = self.rsa.public_key().modulus();
                let n = encode_segment(modulus.big_endian_without_leading_zero());
                json!({"kty": "RSA", "n": n, "e": "AQAB"})
            }
        }
    }

    /// Every algorithm's key under the algorithm's name.
    pub(crate) fn jwks(&self) -> Value {
        let keys = Algorithm::ALL.map(|algorithm| {
            let mut key = self.jwk(algorithm);
            key["kid"] = json!(algorithm);
            key["alg"] = json!(algorithm);
            key
        });
        json!({ "keys": keys })
    }
}

/// The demo with a client `robot` that has keys, and an issuer that `robot` may bring assertions of.
pub(crate) fn fixture() -> Fixture {
    let jwks = OWN.jwks();
    let jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let text = format!(
        r#"{DEMO}
[[clients]]
client_id = "robot"
token_endpoint_auth_method = "private_key_jwt"
jwks = '''{jwks}'''
grants = ["client_credentials", "{jwt_bearer}"]
scopes = ["api:read", "api:write", "openid"]

[[clients]]
client_id = "basic"
token_endpoint_auth_method = "client_secret_basic"
secret = "s"
grants = ["client_credentials", "{jwt_bearer}"]
scopes = ["api:read"]

[[clients]]
client_id = "post"
token_endpoint_auth_method = "client_secret_post"
secret = "s"
grants = ["client_credentials"]
scopes = ["api:read"]

[[trusted_issuers]]
issuer = "{TRUSTED}"
jwks = '''{jwks}'''
clients = ["robot"]
scopes = ["api:read", "api:admin"]
subjects = {{ "workload-1" = "alice", "workload-2" = "bob" }}
client_subjects = ["itself"]
max_lifetime_seconds = 300
"#
    );
    let config = crate::config::parse(Path::new("issuer.toml"), &text, []);
    Fixture::of(config.unwrap().server)
}

/// The header and the claims of an assertion that passes.
pub(crate) fn base(issuer: &str, subject: &str, jti: &str) -> (Value, Value) {
    let header = json!({ "alg": "ES256", "kid": "ES256", "typ": "JWT" });
    let claims = json!({
        "iss": issuer, "sub": subject, "aud": ISSUER, "jti": jti,
        "iat": NOW, "exp": NOW + 60,
    });
    (header, claims)
}

/// An assertion of `robot` for itself.
pub(crate) fn robot(jti: &str) -> String {
    let (header, claims) = base("robot", "robot", jti);
    OWN.sign(Algorithm::ES256, &header, &claims)
}

/// Asks for tokens.
pub(crate) fn token(
    context: Context<'_, SledStore>,
    authorization: Option<&str>,
    form: &[(&str, &str)],
) -> Result<Issuance, OAuthError> {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    let body = body.extend_pairs(form).finish();
    let request = ClientRequest {
        authorization: authorization.map(str::as_bytes).into_iter().collect(),
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    block_on(respond(context, &request)).map_err(|refusal| refusal.error)
}
