//! Signing keys at rest.

use std::fmt;

use dockgate_token::Algorithm;

use super::StoreError;
use crate::clock::UnixSeconds;

/// A private key, PKCS#8 DER (RFC 5208). Does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(Vec<u8>);

impl PrivateKey {
    /// Takes PKCS#8 DER as it is; it is parsed when the key is loaded.
    pub fn from_pkcs8(der: Vec<u8>) -> Self {
        Self(der)
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

/// A signing key as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSigningKey {
    /// The one algorithm that the key is used with.
    pub algorithm: Algorithm,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// The key itself.
    pub private_key: PrivateKey,
}

/// Where signing keys are kept.
pub trait SigningKeyStore {
    /// Every key, oldest first. Empty only if this store has never had one.
    ///
    /// # Errors
    /// [`StoreError`] when the keys cannot be read, or when the store once had keys and has none
    /// now: new keys would make every token in the field invalid.
    fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError>;

    /// Adds keys, all or none. They are on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`] when they could not be written; they must then not be used.
    fn add_signing_keys(&self, keys: &[StoredSigningKey]) -> Result<(), StoreError>;
}
