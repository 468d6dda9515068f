//! Keys from the outside: made, kept, and good for verification by what the JWKS says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::{AccessTokenClaims, Algorithm, Audience, CompactJws};
use serde_json::Value;

use super::*;
use crate::audit::AuditEvent;
use crate::entropy::system_entropy;
use crate::keys::jwk::KeyMembers;
use crate::keys::lifecycle::Schedule;
use crate::store::{Acts, SigningKeyStore, StoreError, StoredSigningKey};

/// Keeps keys in memory, and what became of them.
#[derive(Clone, Default)]
pub(crate) struct MemoryKeys {
    keys: Arc<Mutex<BTreeMap<u64, StoredSigningKey>>>,
    events: Arc<Mutex<Vec<AuditEvent>>>,
}

impl MemoryKeys {
    /// What was put on record since it was last asked.
    pub(crate) fn take_events(&self) -> Vec<AuditEvent> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }
}

impl SigningKeyStore for MemoryKeys {
    fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        Ok(self.keys.lock().unwrap().values().cloned().collect())
    }

    fn write_recorded_keys(
        &self,
        put: &[StoredSigningKey],
        gone: &[u64],
        acts: Acts<'_>,
    ) -> Result<(), StoreError> {
        let mut keys = self.keys.lock().unwrap();
        keys.extend(put.iter().map(|key| (key.number, key.clone())));
        keys.retain(|number, _| !gone.contains(number));
        self.events.lock().unwrap().extend_from_slice(acts.events);
        Ok(())
    }
}

/// Settings with a rotation every 10000 seconds.
pub(crate) fn settings(algorithms: impl IntoIterator<Item = Algorithm>) -> KeySettings {
    let always = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
    KeySettings {
        schedule: Schedule {
            algorithms: algorithms.into_iter().chain(always).collect(),
            rotation: Some(10_000),
            cached_for: 300,
            publish_margin: 100,
            clock_skew: 60,
            longest_token: 600,
        },
        protection: Protection::Clear,
    }
}

/// Opens the keys of a store at a time on the wall.
pub(crate) fn open(
    store: &MemoryKeys,
    settings: KeySettings,
    wall: u64,
) -> Result<Keeper<MemoryKeys>, KeyError> {
    let uptime = Duration::ZERO;
    let now = Moment { wall, uptime };
    Keeper::open(store.clone(), settings, system_entropy, now)
}

/// Keys for RS256, ES256 and EdDSA, and for what is asked for, each signing.
pub(crate) fn keyring(algorithms: impl IntoIterator<Item = Algorithm>) -> Keyring {
    let opened = open(&MemoryKeys::default(), settings(algorithms), 1);
    opened.unwrap().keyring()
}

fn claims() -> AccessTokenClaims {
    AccessTokenClaims {
        iss: "https://as.example".parse().unwrap(),
        sub: "service".to_owned(),
        aud: Audience::One("api".to_owned()),
        exp: 1600,
        iat: 1000,
        jti: "j".to_owned(),
        client_id: "service".parse().unwrap(),
        scope: "a b".parse().unwrap(),
        grant_id: None,
        auth_time: None,
        amr: vec![],
        act: None,
    }
}

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn verify(jwk: &PublicJwk, jws: &CompactJws) -> bool {
    let (message, signature) = (jws.signing_input, jws.signature.as_slice());
    match &jwk.key {
        KeyMembers::Rsa { n, e } => {
            let key = RsaPublicKeyComponents {
                n: bytes(n),
                e: bytes(e),
            };
            let padding = match jwk.alg {
                Algorithm::PS256 => &RSA_PSS_2048_8192_SHA256,
                _ => &RSA_PKCS1_2048_8192_SHA256,
            };
            key.verify(padding, message, signature).is_ok()
        }
        KeyMembers::Ec { x, y, .. } => {
            let point = [vec![4], bytes(x), bytes(y)].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok()
        }
        KeyMembers::Okp { x, .. } => {
            let key = ParsedPublicKey::new(&ED25519, bytes(x)).unwrap();
            key.verify_sig(message, signature).is_ok()
        }
    }
}

#[test]
fn a_token_of_each_algorithm_verifies_with_the_published_key_that_its_kid_names() {
    let keyring = keyring([Algorithm::PS256]);
    for algorithm in [
        Algorithm::RS256,
        Algorithm::PS256,
        Algorithm::ES256,
        Algorithm::EdDSA,
    ] {
        let token = keyring
            .sign(TokenKind::AccessToken, algorithm, &claims())
            .unwrap();
        let jws = CompactJws::parse(token.as_bytes()).unwrap();
        let header: Value = serde_json::from_slice(&jws.header).unwrap();
        assert_eq!(
            (&header["typ"], &header["alg"]),
            (&"at+jwt".into(), &algorithm.as_str().into())
        );
        let jwk = keyring
            .public_keys()
            .find(|jwk| header["kid"] == jwk.kid.as_str())
            .unwrap();
        assert_eq!(jwk.alg, algorithm);
        assert!(verify(jwk, &jws), "{algorithm}");
        let payload: Value = serde_json::from_slice(&jws.payload).unwrap();
        assert_eq!(payload["scope"], "a b");
    }
}

#[test]
fn three_keys_are_made_at_first_start_and_kept_after() {
    let store = MemoryKeys::default();
    let jwks = |now| open(&store, settings([]), now).unwrap().keyring().jwks();
    let first = jwks(1);
    assert_eq!(jwks(2), first);
    assert_eq!(store.signing_keys().unwrap().len(), 3);
}

#[test]
fn an_algorithm_added_later_gets_a_key_and_the_others_stay() {
    let store = MemoryKeys::default();
    let first = open(&store, settings([]), 1).unwrap().keyring();
    let second = open(&store, settings([Algorithm::PS256]), 2).unwrap();
    let second = second.keyring();
    assert!(
        first
            .public_keys()
            .all(|key| second.public_keys().any(|other| other == key))
    );
    assert_eq!(second.public_keys().count(), 4);
}

#[test]
fn the_jwks_has_no_private_member() {
    let jwks = keyring([]).jwks();
    let jwks: Value = serde_json::from_str(&jwks).unwrap();
    for key in jwks["keys"].as_array().unwrap() {
        let members: Vec<_> = key.as_object().unwrap().keys().cloned().collect();
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(
                !members.iter().any(|member| member == private),
                "{members:?}"
            );
        }
        assert_eq!(key["use"], "sig");
    }
}
