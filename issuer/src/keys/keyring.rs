//! The keys that tokens are signed with and that the JWKS has, as they are at one moment.

use std::sync::Arc;

use dockgate_token::{Algorithm, CompactJws};
use serde::Serialize;

use super::jwk::key_set;
use super::signing_key::{SigningKey, TokenKind};
use super::{KeyError, PublicJwk};
use crate::traces;

/// The signing keys, parsed once and ready to sign; all are on disk. Does not print.
pub struct Keyring {
    keys: Vec<(Arc<SigningKey>, Use)>,
}

/// What a key of the JWKS is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Signing, and checking what it signed.
    Signs,
    /// Checking alone.
    Checks,
}

impl Keyring {
    /// Of several that sign with one algorithm, the first does.
    pub(super) fn of(keys: Vec<(Arc<SigningKey>, Use)>) -> Self {
        Self { keys }
    }

    /// The public halves, as published: oldest first.
    pub fn public_keys(&self) -> impl Iterator<Item = &PublicJwk> {
        self.keys.iter().map(|(key, _)| key.jwk())
    }

    /// Whether there is a key for each of the algorithms.
    pub fn signs_with(&self, algorithms: impl IntoIterator<Item = Algorithm>) -> bool {
        let mut algorithms = algorithms.into_iter();
        algorithms.all(|algorithm| self.active(algorithm).is_some())
    }

    /// The JWKS document (RFC 7517 §5).
    pub fn jwks(&self) -> String {
        key_set(self.public_keys()).to_string()
    }

    /// Whether there is a key that signs with `algorithm`.
    pub fn can_sign(&self, algorithm: Algorithm) -> bool {
        let signs = |(key, used): &(Arc<SigningKey>, Use)| {
            *used == Use::Signs && key.algorithm() == algorithm
        };
        self.keys.iter().any(signs)
    }

    /// Signs a token with the active key for `algorithm`.
    ///
    /// # Errors
    /// [`KeyError`] when there is no such key or the crypto library fails.
    pub fn sign(
        &self,
        kind: TokenKind,
        algorithm: Algorithm,
        claims: &impl Serialize,
    ) -> Result<String, KeyError> {
        let key = self.active(algorithm);
        let key = key.ok_or(KeyError::Missing(algorithm))?;
        let claims = serde_json::to_vec(claims).map_err(|_| KeyError::NotSigned(algorithm))?;
        let _span = traces::child("sign token");
        key.sign(kind, &claims)
    }

    fn active(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        let mut keys = self.keys.iter();
        let active = keys.find(|(key, used)| *used == Use::Signs && key.algorithm() == algorithm);
        active.map(|(key, _)| key.as_ref())
    }

    /// The payload of a token of that kind that one of these keys signed; `None` for anything else.
    /// Its times are not looked at.
    pub fn payload(&self, kind: TokenKind, token: &str) -> Option<Vec<u8>> {
        let token = CompactJws::parse(token.as_bytes()).ok()?;
        let mut keys = self.keys.iter();
        let own = keys.any(|(key, _)| key.has_signed(kind, &token));
        own.then_some(token.payload)
    }
}
