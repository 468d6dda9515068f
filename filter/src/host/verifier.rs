//! Checking signatures with the host's `verify_signature` where that works, in Wasm elsewhere.

use dockgate_policy::keys::VerificationKey;
use dockgate_policy::signature::{
    SoftwareVerifier, VerifySignature, ecdsa_der, gives_known_answers,
};
use dockgate_token::Algorithm;
use prost::Message as _;
use proxy_wasm::hostcalls;

/// Which algorithms the host was found to verify, once, when the plugin was configured.
#[derive(Debug)]
pub(crate) struct HostVerifier {
    by_host: Vec<Algorithm>,
}

impl HostVerifier {
    /// Asks the host for known answers.
    pub(crate) fn probe() -> Self {
        let by_host = Algorithm::ALL
            .into_iter()
            .filter(|algorithm| gives_known_answers(&Host, *algorithm));
        Self {
            by_host: by_host.collect(),
        }
    }

    /// The algorithms that the host verifies.
    pub(crate) fn by_host(&self) -> &[Algorithm] {
        &self.by_host
    }
}

impl VerifySignature for HostVerifier {
    fn verify(&self, key: &VerificationKey, signing_input: &[u8], signature: &[u8]) -> bool {
        if self.by_host.contains(&key.algorithm()) {
            Host.verify(key, signing_input, signature)
        } else {
            SoftwareVerifier.verify(key, signing_input, signature)
        }
    }
}

/// Envoy's foreign function; RSA PKCS#1 v1.5 and ECDSA only (it initialises a digest and no
/// padding, so that PSS and Ed25519 cannot be had from it).
struct Host;

impl VerifySignature for Host {
    fn verify(&self, key: &VerificationKey, signing_input: &[u8], signature: &[u8]) -> bool {
        let (hash, signature) = match key.algorithm() {
            Algorithm::RS256 => ("sha256", Some(signature.to_vec())),
            Algorithm::RS384 => ("sha384", Some(signature.to_vec())),
            Algorithm::RS512 => ("sha512", Some(signature.to_vec())),
            Algorithm::ES256 => ("sha256", ecdsa_der(Algorithm::ES256, signature)),
            Algorithm::ES384 => ("sha384", ecdsa_der(Algorithm::ES384, signature)),
            Algorithm::PS256 | Algorithm::EdDSA => return false,
        };
        let Some(signature) = signature else {
            return false;
        };
        let arguments = VerifySignatureArguments {
            hash_function: hash.to_owned(),
            public_key: key.spki_der().to_vec(),
            signature,
            text: signing_input.to_vec(),
        };
        let answer =
            hostcalls::call_foreign_function("verify_signature", Some(&arguments.encode_to_vec()));
        let answer = answer
            .ok()
            .flatten()
            .and_then(|bytes| VerifySignatureResult::decode(bytes.as_slice()).ok());
        // Every outcome but a plain "true" is a failure: a key that the host cannot parse is not an
        // error of the call.
        answer.is_some_and(|answer| answer.result)
    }
}

/// What Envoy's `verify_signature` takes; the key is a DER SubjectPublicKeyInfo.
#[derive(Clone, PartialEq, prost::Message)]
struct VerifySignatureArguments {
    #[prost(string, tag = "1")]
    hash_function: String,
    #[prost(bytes = "vec", tag = "2")]
    public_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    signature: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    text: Vec<u8>,
}

/// What it answers.
#[derive(Clone, PartialEq, prost::Message)]
struct VerifySignatureResult {
    #[prost(bool, tag = "1")]
    result: bool,
    #[prost(string, tag = "2")]
    error: String,
}
