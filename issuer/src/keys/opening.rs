//! From what the store has to keys that sign, and back.

use dockgate_token::{Algorithm, KeyId};

use super::signing_key::SigningKey;
use super::{KeyError, Protection};
use crate::entropy::Entropy;
use crate::store::{KeyMaterial, PrivateKey, SealedKey, StoredSigningKey};

/// A key of the store.
pub(super) struct Opened {
    /// As the store is to have it.
    pub(super) stored: StoredSigningKey,
    /// Whether the store does not have it so yet.
    pub(super) is_rewritten: bool,
    /// Ready to sign.
    pub(super) key: SigningKey,
}

/// Opens every key. One that is not kept as it should be comes back as it should.
pub(super) fn open(
    stored: Vec<StoredSigningKey>,
    protection: &Protection,
    entropy: Entropy,
) -> Result<Vec<Opened>, KeyError> {
    let keys = stored.into_iter();
    keys.map(|key| open_one(key, protection, entropy)).collect()
}

fn open_one(
    stored: StoredSigningKey,
    protection: &Protection,
    entropy: Entropy,
) -> Result<Opened, KeyError> {
    let algorithm = stored.algorithm;
    let (private_key, is_as_it_should) = match &stored.material {
        KeyMaterial::Clear(key) => {
            let is_clear = matches!(protection, Protection::Clear | Protection::Unseal { .. });
            (key.clone(), is_clear)
        }
        KeyMaterial::Sealed(sealed) => {
            let kid = stored.kid.as_ref().ok_or(KeyError::Unreadable(algorithm))?;
            unseal(kid, algorithm, sealed, protection)?
        }
    };
    let key = SigningKey::load(algorithm, stored.kid.clone(), &private_key)?;
    if is_as_it_should {
        return Ok(Opened {
            stored,
            is_rewritten: false,
            key,
        });
    }
    let kid = key.jwk().kid.clone();
    let material = material(&kid, algorithm, &private_key, protection, entropy)?;
    Ok(Opened {
        stored: StoredSigningKey {
            kid: Some(kid),
            material,
            ..stored
        },
        is_rewritten: true,
        key,
    })
}

/// The private key, and whether it is sealed as it should be.
fn unseal(
    kid: &KeyId,
    algorithm: Algorithm,
    sealed: &SealedKey,
    protection: &Protection,
) -> Result<(PrivateKey, bool), KeyError> {
    match protection {
        Protection::Clear => Err(KeyError::NoSecret),
        Protection::Sealed { current, previous } => {
            if let Some(key) = current.open(kid, algorithm, sealed) {
                return Ok((key, true));
            }
            let with_previous = previous.is_some();
            let opened = previous
                .as_ref()
                .and_then(|previous| previous.open(kid, algorithm, sealed));
            let key = opened.ok_or(KeyError::WrongSecret { with_previous })?;
            Ok((key, false))
        }
        Protection::Unseal { previous } => {
            let opened = previous.open(kid, algorithm, sealed);
            let with_previous = true;
            let key = opened.ok_or(KeyError::WrongSecret { with_previous })?;
            Ok((key, false))
        }
    }
}

/// A private key as the store is to have it.
pub(super) fn material(
    kid: &KeyId,
    algorithm: Algorithm,
    key: &PrivateKey,
    protection: &Protection,
    entropy: Entropy,
) -> Result<KeyMaterial, KeyError> {
    match protection {
        Protection::Clear | Protection::Unseal { .. } => Ok(KeyMaterial::Clear(key.clone())),
        Protection::Sealed { current, .. } => {
            let sealed = current.seal(kid, algorithm, key, entropy)?;
            Ok(KeyMaterial::Sealed(sealed))
        }
    }
}
