//! Private keys, sealed under a secret that the store does not have.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use dockgate_token::{Algorithm, KeyId};
use zeroize::Zeroizing;

use super::KeyError;
use crate::entropy::Entropy;
use crate::store::{PrivateKey, SealedKey};

/// A secret that keys are sealed under. Does not print, and is overwritten in memory when it goes.
#[derive(Clone)]
pub struct KeyEncryptionSecret(Zeroizing<String>);

impl fmt::Debug for KeyEncryptionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyEncryptionSecret(..)")
    }
}

/// How the private keys are kept.
#[derive(Clone, Debug)]
pub enum Protection {
    /// In clear, and no sealed key is taken for one.
    Clear,
    /// Sealed under `current`. Those that are in clear, or sealed under `previous`, are sealed anew.
    Sealed {
        /// What opens them from now on.
        current: KeyEncryptionSecret,
        /// What opens those of before.
        previous: Option<KeyEncryptionSecret>,
    },
    /// In clear, and those that `previous` opens are written in clear.
    Unseal {
        /// What opens those of before.
        previous: KeyEncryptionSecret,
    },
}

impl KeyEncryptionSecret {
    /// Takes a secret as it is; the configuration refuses one that was not drawn at random.
    pub fn new(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }

    /// Seals a key. Its name and its algorithm are sealed with it: it opens as no other key.
    pub(super) fn seal(
        &self,
        kid: &KeyId,
        algorithm: Algorithm,
        key: &PrivateKey,
        entropy: Entropy,
    ) -> Result<SealedKey, KeyError> {
        let mut salt = [0; 32];
        entropy(&mut salt).map_err(|_| KeyError::NotSealed(algorithm))?;
        let mut ciphertext = key.expose_pkcs8().to_vec();
        self.key(&salt)
            .and_then(|sealing| {
                let aad = Aad::from(bound_to(kid, algorithm));
                let sealed = sealing.seal_in_place_append_tag(nonce(), aad, &mut ciphertext);
                sealed.ok()
            })
            .ok_or(KeyError::NotSealed(algorithm))?;
        Ok(SealedKey { salt, ciphertext })
    }

    /// Opens what [`Self::seal`] sealed; `None` for anything else.
    pub(super) fn open(
        &self,
        kid: &KeyId,
        algorithm: Algorithm,
        sealed: &SealedKey,
    ) -> Option<PrivateKey> {
        let mut buffer = Zeroizing::new(sealed.ciphertext.clone());
        let aad = Aad::from(bound_to(kid, algorithm));
        let key = self.key(&sealed.salt)?;
        let opened = key.open_in_place(nonce(), aad, &mut buffer).ok()?;
        Some(PrivateKey::from_pkcs8(opened.to_vec()))
    }

    /// The key that follows from the secret and a salt (RFC 5869).
    fn key(&self, salt: &[u8; 32]) -> Option<LessSafeKey> {
        let info: [&[u8]; 1] = [b"dockgate signing key at rest"];
        let material = Salt::new(HKDF_SHA256, salt).extract(self.0.as_bytes());
        let derived = material.expand(&info, &AES_256_GCM).ok()?;
        Some(LessSafeKey::new(UnboundKey::from(derived)))
    }
}

/// Each sealing has a salt of its own, and so a key of its own, which seals once.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// No algorithm's name has a space.
fn bound_to(kid: &KeyId, algorithm: Algorithm) -> Vec<u8> {
    format!("{algorithm} {kid}").into_bytes()
}

#[cfg(test)]
mod tests;
