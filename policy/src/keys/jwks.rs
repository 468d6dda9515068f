//! A whole JWKS (RFC 7517 §5): one bad key never takes the good ones away.

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use dockgate_token::{Algorithm, KeyId};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::jwk::{KeyFault, VerificationKey};
use crate::strict_json::parse_object;

/// The usable keys of one issuer.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<VerificationKey>,
}

/// The document, its keys not yet looked at: what is wrong with one is no matter of the others.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

/// A key that was passed over, for the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SkippedKey {
    /// Its position in the set, from 0.
    pub position: usize,
    /// What is wrong with it.
    pub fault: KeyFault,
    /// Tells it from other keys in the same place with the same fault.
    content: u64,
}

impl SkippedKey {
    fn new(position: usize, fault: KeyFault, jwk: &RawValue) -> Self {
        let mut hasher = DefaultHasher::new();
        jwk.get().hash(&mut hasher);
        Self {
            position,
            fault,
            content: hasher.finish(),
        }
    }
}

/// Tells lists of passed-over keys apart, so that one that was logged is not logged again; 0 for an
/// empty one. It is the same in every VM and no protection against whoever makes the keys.
pub fn fingerprint(skipped: &[SkippedKey]) -> u64 {
    if skipped.is_empty() {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    skipped.hash(&mut hasher);
    hasher.finish()
}

/// Why a document is no JWKS. Whatever keys were there before stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwksError {
    /// More than 256 KiB.
    TooLong,
    /// Not one JSON object with a list `keys`.
    NotAKeySet,
    /// More than 100 keys.
    TooManyKeys,
    /// No key in it may verify access tokens.
    NoUsableKey,
}

impl fmt::Display for JwksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the document is longer than 256 KiB",
            Self::NotAKeySet => "the document is not a JSON object with a list named keys",
            Self::TooManyKeys => "the document has more than 100 keys",
            Self::NoUsableKey => "no key in the document can verify access tokens",
        })
    }
}

impl KeySet {
    /// Reads a JWKS document.
    ///
    /// # Errors
    /// [`JwksError`] when there is no usable key in it.
    pub fn parse(document: &[u8]) -> Result<(Self, Vec<SkippedKey>), JwksError> {
        if document.len() > MAX_DOCUMENT_BYTES {
            return Err(JwksError::TooLong);
        }
        let Document { keys: jwks } =
            serde_json::from_slice(document).map_err(|_| JwksError::NotAKeySet)?;
        if jwks.len() > MAX_KEYS {
            return Err(JwksError::TooManyKeys);
        }
        let mut found = Vec::new();
        let mut skipped = Vec::new();
        for (position, raw) in jwks.iter().enumerate() {
            let jwk = parse_object(raw.get().as_bytes()).map_err(|_| KeyFault::BadMember);
            match jwk.and_then(|jwk| VerificationKey::from_jwk(&jwk)) {
                // The same key again takes nothing away from the first.
                Ok(key) if is_listed(&key, &found) => {}
                Ok(key) => found.push((position, key)),
                Err(fault) => skipped.push(SkippedKey::new(position, fault, raw)),
            }
        }
        let ambiguous: Vec<usize> = found
            .iter()
            .filter(|(at, key)| has_namesake(*at, key, &found))
            .map(|(at, _)| *at)
            .collect();
        skipped.extend(ambiguous.iter().filter_map(|at| {
            let raw = jwks.get(*at)?;
            Some(SkippedKey::new(*at, KeyFault::DuplicateKeyId, raw))
        }));
        found.retain(|(at, _)| !ambiguous.contains(at));
        if found.is_empty() {
            return Err(JwksError::NoUsableKey);
        }
        Ok((
            Self {
                keys: found.into_iter().map(|(_, key)| key).collect(),
            },
            skipped,
        ))
    }

    /// The one key that a token with this header may have been signed with.
    ///
    /// Without `kid` in the token, exactly one key of its algorithm must be there: a verifier that
    /// tries key after key loses the binding between token and key.
    pub(crate) fn find(
        &self,
        key_id: Option<&KeyId>,
        algorithm: Algorithm,
    ) -> Option<&VerificationKey> {
        match key_id {
            // Of keys with one name and several algorithms the one of the token's; else any, so
            // that the caller sees a mismatch and not an unknown key.
            Some(key_id) => {
                let mut named = self.keys.iter().filter(|key| key.key_id() == Some(key_id));
                let first = named.next()?;
                Some(
                    std::iter::once(first)
                        .chain(named)
                        .find(|key| key.algorithm() == algorithm)
                        .unwrap_or(first),
                )
            }
            None => {
                let mut fitting = self.keys.iter().filter(|key| key.algorithm() == algorithm);
                let first = fitting.next()?;
                fitting.next().is_none().then_some(first)
            }
        }
    }

    /// Whether `other` has the same keys under the same names, in the same order.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.keys.len() == other.keys.len()
            && std::iter::zip(&self.keys, &other.keys).all(|(own, other)| {
                own.key_id() == other.key_id()
                    && own.algorithm() == other.algorithm()
                    && own.spki_der() == other.spki_der()
            })
    }

    /// The keys, in the order of the document.
    pub fn keys(&self) -> &[VerificationKey] {
        &self.keys
    }
}

fn is_listed(key: &VerificationKey, found: &[(usize, VerificationKey)]) -> bool {
    found
        .iter()
        .any(|(_, earlier)| earlier.identity() == key.identity())
}

/// Whether another key has the same `kid` and algorithm, so that taking either would be luck.
fn has_namesake(position: usize, key: &VerificationKey, all: &[(usize, VerificationKey)]) -> bool {
    key.key_id().is_some()
        && all.iter().any(|(at, other)| {
            *at != position
                && other.key_id() == key.key_id()
                && other.algorithm() == key.algorithm()
        })
}

/// Hundred keys of 4096 bits with certificates are less.
pub(super) const MAX_DOCUMENT_BYTES: usize = 256 * 1024;
const MAX_KEYS: usize = 100;

#[cfg(test)]
mod tests;
