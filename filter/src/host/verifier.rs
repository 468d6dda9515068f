//! Checking signatures with the host's `verify_signature` where that works, in Wasm elsewhere.

use std::borrow::Cow;

use dockgate_policy::keys::VerificationKey;
use dockgate_policy::signature::{
    SoftwareVerifier, VerifySignature, ecdsa_der, gives_known_answers,
};
use dockgate_token::Algorithm;
use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};
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
            Algorithm::RS256 => ("sha256", Some(Cow::Borrowed(signature))),
            Algorithm::RS384 => ("sha384", Some(Cow::Borrowed(signature))),
            Algorithm::RS512 => ("sha512", Some(Cow::Borrowed(signature))),
            Algorithm::ES256 => (
                "sha256",
                ecdsa_der(Algorithm::ES256, signature).map(Cow::Owned),
            ),
            Algorithm::ES384 => (
                "sha384",
                ecdsa_der(Algorithm::ES384, signature).map(Cow::Owned),
            ),
            Algorithm::PS256 | Algorithm::EdDSA => return false,
        };
        let Some(signature) = signature else {
            return false;
        };
        let arguments = arguments(hash, key.spki_der(), &signature, signing_input);
        let answer = hostcalls::call_foreign_function("verify_signature", Some(&arguments));
        let answer = answer
            .ok()
            .flatten()
            .and_then(|bytes| VerifySignatureResult::decode(bytes.as_slice()).ok());
        // Every outcome but a plain "true" is a failure: a key that the host cannot parse is not an
        // error of the call.
        answer.is_some_and(|answer| answer.result)
    }
}

/// What Envoy's `verify_signature` takes; the key is a DER SubjectPublicKeyInfo. A message of four
/// length-delimited fields, written in one go: a struct of owned fields would copy each twice.
fn arguments(hash: &str, spki_der: &[u8], signature: &[u8], text: &[u8]) -> Vec<u8> {
    let fields = [hash.as_bytes(), spki_der, signature, text];
    let bytes: usize = fields.iter().map(|field| field.len() + 6).sum();
    let mut message = Vec::with_capacity(bytes);
    for (number, field) in (1..).zip(fields) {
        encode_key(number, WireType::LengthDelimited, &mut message);
        encode_varint(field.len() as u64, &mut message);
        message.extend_from_slice(field);
    }
    message
}

/// What it answers.
#[derive(Clone, PartialEq, prost::Message)]
struct VerifySignatureResult {
    #[prost(bool, tag = "1")]
    result: bool,
    #[prost(string, tag = "2")]
    error: String,
}
