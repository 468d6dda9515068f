//! All signing keys of the issuer.

use std::collections::BTreeSet;

use dockgate_token::{Algorithm, CompactJws};
use serde::Serialize;

use super::jwk::key_set;
use super::signing_key::{SigningKey, TokenKind, generate};
use super::{KeyError, PublicJwk};
use crate::clock::UnixSeconds;
use crate::store::{SigningKeyStore, StoredSigningKey};

/// Algorithms that have a key from the first start on, used or not: a resource server can change
/// over without verifiers meeting a key they have not had time to fetch.
const ALWAYS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// The signing keys, parsed once and ready to sign. Does not print.
pub struct Keyring {
    keys: Vec<SigningKey>,
}

impl Keyring {
    /// Loads the keys, and makes those that are missing for `algorithms` and for RS256, ES256 and EdDSA. New
    /// keys are on disk when this returns.
    ///
    /// # Errors
    /// [`KeyError`] when the store fails or has lost its keys, when a stored key does not parse, or
    /// when a key cannot be made.
    pub fn open(
        store: &impl SigningKeyStore,
        algorithms: impl IntoIterator<Item = Algorithm>,
        now: UnixSeconds,
    ) -> Result<Self, KeyError> {
        let mut stored = store.signing_keys()?;
        let mut missing: BTreeSet<_> = algorithms.into_iter().chain(ALWAYS).collect();
        for key in &stored {
            missing.remove(&key.algorithm);
        }
        let mut made = Vec::new();
        for algorithm in missing {
            let private_key = generate(algorithm)?;
            made.push(StoredSigningKey {
                algorithm,
                created_at: now,
                private_key,
            });
        }
        if !made.is_empty() {
            store.add_signing_keys(&made)?;
            stored.append(&mut made);
        }
        let keys = stored
            .iter()
            .map(|key| SigningKey::load(key.algorithm, &key.private_key));
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
        })
    }

    /// The public halves, as published.
    pub fn public_keys(&self) -> impl Iterator<Item = &PublicJwk> {
        self.keys.iter().map(SigningKey::jwk)
    }

    /// Whether there is a key for each of the algorithms.
    pub fn signs_with(&self, algorithms: impl IntoIterator<Item = Algorithm>) -> bool {
        let mut algorithms = algorithms.into_iter();
        algorithms.all(|algorithm| self.keys.iter().any(|key| key.algorithm() == algorithm))
    }

    /// The JWKS document (RFC 7517 §5).
    pub fn jwks(&self) -> String {
        key_set(self.public_keys()).to_string()
    }

    /// Signs a token with the key for `algorithm`.
    ///
    /// # Errors
    /// [`KeyError`] when there is no such key or the crypto library fails.
    pub fn sign(
        &self,
        kind: TokenKind,
        algorithm: Algorithm,
        claims: &impl Serialize,
    ) -> Result<String, KeyError> {
        let key = self.keys.iter().find(|key| key.algorithm() == algorithm);
        let key = key.ok_or(KeyError::Missing(algorithm))?;
        let claims = serde_json::to_vec(claims).map_err(|_| KeyError::NotSigned(algorithm))?;
        key.sign(kind, &claims)
    }

    /// The payload of a token of that kind that one of these keys signed; `None` for anything else.
    /// Its times are not looked at.
    pub fn payload(&self, kind: TokenKind, token: &str) -> Option<Vec<u8>> {
        let token = CompactJws::parse(token.as_bytes()).ok()?;
        let own = self.keys.iter().any(|key| key.has_signed(kind, &token));
        own.then_some(token.payload)
    }
}
