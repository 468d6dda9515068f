//! Signing keys at rest.

use std::fmt;
use std::sync::Arc;

use dockgate_token::{Algorithm, KeyId};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::StoreError;
use crate::audit::AuditEvent;
use crate::clock::UnixSeconds;

/// A private key, PKCS#8 DER (RFC 5208). Does not print, and is overwritten in memory when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(Zeroizing<Vec<u8>>);

impl PrivateKey {
    /// Takes PKCS#8 DER as it is; it is parsed when the key is loaded.
    pub fn from_pkcs8(der: Vec<u8>) -> Self {
        Self(Zeroizing::new(der))
    }

    /// The DER bytes: for the store and the crypto library alone.
    pub fn expose_pkcs8(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

/// A private key as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyMaterial {
    /// As it is: whoever reads the store has it.
    Clear(PrivateKey),
    /// Sealed under a secret that the store does not have.
    Sealed(SealedKey),
}

/// A private key that was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedKey {
    /// What the sealing key was derived with, besides the secret; drawn anew for each sealing.
    pub salt: [u8; 32],
    /// The PKCS#8 DER, encrypted, with its tag.
    pub ciphertext: Vec<u8>,
}

/// How far a key has come. There is no way back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// In the JWKS, and not used yet.
    Published,
    /// It signs. There is one for each algorithm.
    #[default]
    Active,
    /// In the JWKS for the tokens that it has signed.
    Retired,
}

impl KeyState {
    /// Its name in lists and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

/// The life of a key, as far as it decides what becomes of the key. Times are in seconds.
///
/// What is missing is missing in a record from before keys had a life: such a key is active, and may
/// have signed the longest token that can be configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyLife {
    /// How far it has come.
    pub state: KeyState,
    /// When it came there, by the clock on the wall.
    pub since: UnixSeconds,
    /// How long it has been there while an issuer ran, by a clock that cannot be set. Never more
    /// than has really passed.
    pub elapsed: u64,
    /// The longest token that it may have signed.
    pub longest_token: u64,
    /// The latest time at which it may have signed, by the clock on the wall as it was then.
    pub signed_until: UnixSeconds,
    /// The longest that caches were allowed to keep a JWKS while this key was in it.
    pub cached_for: u64,
}

impl Default for KeyLife {
    fn default() -> Self {
        Self {
            state: KeyState::default(),
            since: 0,
            elapsed: 0,
            longest_token: DAY,
            signed_until: 0,
            cached_for: DAY,
        }
    }
}

const DAY: u64 = 24 * 60 * 60;

/// A signing key as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSigningKey {
    /// What the store knows it by; later keys have greater numbers.
    pub number: u64,
    /// The one algorithm that the key is used with.
    pub algorithm: Algorithm,
    /// Its name in the JWKS. `None` only in a record from before keys were named: it is then the
    /// thumbprint.
    pub kid: Option<KeyId>,
    /// When it was made or imported.
    pub created_at: UnixSeconds,
    /// How far it has come.
    pub life: KeyLife,
    /// The key itself.
    pub material: KeyMaterial,
}

/// Where signing keys are kept.
pub trait SigningKeyStore {
    /// Every key, oldest first. Empty only if this store has never had one.
    ///
    /// # Errors
    /// [`StoreError`] when the keys cannot be read, or when the store once had keys and has none
    /// now: new keys would make every token in the field invalid.
    fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError>;

    /// Writes the keys of `put` over what has their numbers, and removes those of the numbers in
    /// `gone`: all or nothing. It is on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be written; nothing may then be done that depends on it.
    fn write_signing_keys(&self, put: &[StoredSigningKey], gone: &[u64]) -> Result<(), StoreError> {
        self.write_recorded_keys(put, gone, Acts::default())
    }

    /// The same, together with what is put on record of it: neither is there without the other.
    ///
    /// # Errors
    /// As for [`Self::write_signing_keys`].
    fn write_recorded_keys(
        &self,
        put: &[StoredSigningKey],
        gone: &[u64],
        acts: Acts<'_>,
    ) -> Result<(), StoreError>;
}

/// What happened at a time, and nobody asked for by HTTP.
#[derive(Clone, Copy, Debug, Default)]
pub struct Acts<'a> {
    /// When.
    pub at: UnixSeconds,
    /// What, in order.
    pub events: &'a [AuditEvent],
}

impl<S: SigningKeyStore> SigningKeyStore for Arc<S> {
    fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        (**self).signing_keys()
    }

    fn write_recorded_keys(
        &self,
        put: &[StoredSigningKey],
        gone: &[u64],
        acts: Acts<'_>,
    ) -> Result<(), StoreError> {
        (**self).write_recorded_keys(put, gone, acts)
    }
}
