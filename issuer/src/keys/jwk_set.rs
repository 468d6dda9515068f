//! Key sets of others (RFC 7517 §5): of clients that sign assertions, and of trusted issuers.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::{Algorithm, is_weak_modulus};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::VerificationKey;
use super::verification::{RSA_BITS, bits};

/// More keys than anyone rotates through; a signature without a `kid` may be tried with each.
const MAX_KEYS: usize = 16;

/// Public keys, each with the one algorithm that it is used with (RFC 8725 §3.1).
#[derive(Clone, Debug, PartialEq)]
pub struct VerificationKeys {
    keys: Vec<(Option<String>, VerificationKey)>,
}

/// Why a key set is not used. Positions count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySetError {
    /// It is no JSON object with a list `keys`, or a member has the wrong type or comes twice.
    Malformed,
    /// It has more keys than are kept.
    TooMany,
    /// This key has private members: whoever could read the set could sign.
    Private(usize),
    /// This key is a shared secret (`oct`), with which everyone who verifies could also sign.
    Symmetric(usize),
    /// This RSA key has fewer than 2048 bits, or more than 8192 (RFC 7518 §3.3).
    RsaSize(usize),
    /// This RSA key is one that others can work out (a small factor, ROCA).
    RsaWeak(usize),
    /// The members of this key make no key.
    Broken(usize),
    /// This key has the `kid` and the algorithm of one before it.
    Repeated(usize),
    /// No key is left that could check a signature.
    Empty,
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("it is no JSON Web Key Set (RFC 7517 §5)"),
            Self::TooMany => write!(f, "it has more than {MAX_KEYS} keys"),
            Self::Private(at) => write!(f, "key {at} has private members"),
            Self::Symmetric(at) => write!(f, "key {at} is a shared secret"),
            Self::RsaSize(at) => write!(f, "RSA key {at} does not have 2048 to 8192 bits"),
            Self::RsaWeak(at) => write!(
                f,
                "RSA key {at} is weak: its modulus has a small factor or the mark of a flawed generator (ROCA, CVE-2017-15361), so that others can sign with it too"
            ),
            Self::Broken(at) => write!(f, "key {at} is no valid key"),
            Self::Repeated(at) => write!(f, "key {at} has the kid of an earlier one"),
            Self::Empty => f.write_str("it has no key that checks signatures"),
        }
    }
}

impl std::error::Error for KeySetError {}

#[derive(Deserialize)]
struct WrittenSet {
    keys: Vec<WrittenKey>,
}

/// The members of a JWK that matter. One that comes twice is refused by the parser.
#[derive(Deserialize)]
struct WrittenKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<IgnoredAny>,
    p: Option<IgnoredAny>,
    q: Option<IgnoredAny>,
    dp: Option<IgnoredAny>,
    dq: Option<IgnoredAny>,
    qi: Option<IgnoredAny>,
    oth: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
}

impl VerificationKeys {
    /// Reads a key set. Keys that are not for signatures, and those of a kind that is not known, are
    /// passed over (RFC 7517 §5).
    ///
    /// A key is used with its `alg`. One that has none is used with the algorithm of its curve; an
    /// RSA key without `alg` with RS256 and with PS256, which share their hash, and with no other.
    ///
    /// # Errors
    /// [`KeySetError`] with the first key that cannot be kept.
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        let set: WrittenSet = serde_json::from_slice(json).map_err(|_| KeySetError::Malformed)?;
        if set.keys.len() > MAX_KEYS {
            return Err(KeySetError::TooMany);
        }
        let mut keys: Vec<(Option<String>, VerificationKey)> = Vec::new();
        // Of all first: a secret that is out is worse than whatever else is wrong.
        for (written, at) in set.keys.iter().zip(1..) {
            written.check_public(at)?;
        }
        for (written, at) in set.keys.into_iter().zip(1..) {
            for key in written.verification_keys(at)? {
                let same = |(kid, other): &(Option<String>, VerificationKey)| {
                    kid.is_some() && *kid == written.kid && other.algorithm() == key.algorithm()
                };
                if keys.iter().any(same) {
                    return Err(KeySetError::Repeated(at));
                }
                keys.push((written.kid.clone(), key));
            }
        }
        if keys.is_empty() {
            return Err(KeySetError::Empty);
        }
        Ok(Self { keys })
    }

    /// The keys that may have made a signature with this algorithm: with a `kid` those that have
    /// it, without one all.
    pub fn candidates<'a>(
        &'a self,
        algorithm: Algorithm,
        kid: Option<&'a str>,
    ) -> impl Iterator<Item = &'a VerificationKey> {
        let keys = self.keys.iter();
        keys.filter(move |(own, key)| {
            key.algorithm() == algorithm && (kid.is_none() || own.as_deref() == kid)
        })
        .map(|(_, key)| key)
    }
}

impl WrittenKey {
    fn check_public(&self, at: usize) -> Result<(), KeySetError> {
        if self.kty == "oct" || self.k.is_some() {
            return Err(KeySetError::Symmetric(at));
        }
        let private = [
            &self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qi, &self.oth,
        ];
        if private.into_iter().any(Option::is_some) {
            return Err(KeySetError::Private(at));
        }
        Ok(())
    }

    /// The key, once for each algorithm that it is used with.
    fn verification_keys(&self, at: usize) -> Result<Vec<VerificationKey>, KeySetError> {
        let algorithms = if self.is_for_signatures() {
            self.algorithms()
        } else {
            Vec::new()
        };
        let keys = algorithms.into_iter().map(|algorithm| {
            let key = self.verification_key(algorithm);
            key.ok_or_else(|| self.fault(at))
        });
        keys.collect()
    }

    /// RFC 7517 §4.2, §4.3.
    fn is_for_signatures(&self) -> bool {
        let verifies = |operations: &Vec<String>| operations.iter().any(|name| name == "verify");
        self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(verifies)
    }

    fn algorithms(&self) -> Vec<Algorithm> {
        let fitting: &[Algorithm] = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => &[
                Algorithm::RS256,
                Algorithm::PS256,
                Algorithm::RS384,
                Algorithm::RS512,
            ],
            ("EC", Some("P-256")) => &[Algorithm::ES256],
            ("EC", Some("P-384")) => &[Algorithm::ES384],
            ("OKP", Some("Ed25519")) => &[Algorithm::EdDSA],
            _ => &[],
        };
        let named = |algorithm: &Algorithm| match self.alg.as_deref() {
            Some(alg) => alg == algorithm.as_str(),
            None => !matches!(algorithm, Algorithm::RS384 | Algorithm::RS512),
        };
        fitting.iter().copied().filter(named).collect()
    }

    fn verification_key(&self, algorithm: Algorithm) -> Option<VerificationKey> {
        let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_ref()?).ok();
        match algorithm {
            Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512 | Algorithm::PS256 => {
                VerificationKey::rsa(algorithm, &bytes(&self.n)?, &bytes(&self.e)?)
            }
            Algorithm::ES256 | Algorithm::ES384 => {
                VerificationKey::ec(algorithm, &bytes(&self.x)?, &bytes(&self.y)?)
            }
            Algorithm::EdDSA => VerificationKey::ed25519(&bytes(&self.x)?),
        }
    }

    /// What to say of a key that could not be made.
    fn fault(&self, at: usize) -> KeySetError {
        let modulus = self.n.as_ref().and_then(|n| URL_SAFE_NO_PAD.decode(n).ok());
        match modulus {
            Some(n) if self.kty == "RSA" && !RSA_BITS.contains(&bits(&n)) => {
                KeySetError::RsaSize(at)
            }
            Some(n) if self.kty == "RSA" && is_weak_modulus(&n) => KeySetError::RsaWeak(at),
            _ => KeySetError::Broken(at),
        }
    }
}

#[cfg(test)]
mod tests;
