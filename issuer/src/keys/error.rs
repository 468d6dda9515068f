//! Why there is no usable key, or why a key is not changed.

use std::fmt;

use dockgate_token::{Algorithm, KeyId};

use crate::store::StoreError;

/// One variant per reason.
#[derive(Debug)]
pub enum KeyError {
    /// The store did not give or take the keys.
    Store(StoreError),
    /// The crypto library could not make a key.
    NotGenerated(Algorithm),
    /// A stored key is no key for its algorithm.
    Unreadable(Algorithm),
    /// There is no key for this algorithm.
    Missing(Algorithm),
    /// The crypto library refused to sign.
    NotSigned(Algorithm),
    /// The issuer never signs with this algorithm.
    Unsupported(Algorithm),
    /// A key could not be sealed: the random source or the crypto library failed.
    NotSealed(Algorithm),
    /// The stored keys are sealed, and there is no secret.
    NoSecret,
    /// The secret, or the one before, does not open a stored key.
    WrongSecret {
        /// Whether there was one before to try.
        with_previous: bool,
    },
    /// A key of this algorithm waits for its turn already.
    Waiting(Algorithm, KeyId),
    /// There are as many keys of this algorithm as there may be.
    TooMany(Algorithm),
    /// The keys changed, and requests are still answered with those of before, for this reason.
    NotShown(String),
    /// There is a key of this name already.
    SameName(KeyId),
    /// This very key is there already, under this name.
    SameKey(KeyId),
}

const SECRET: &str = "DOCKGATE_KEY_ENCRYPTION_SECRET";

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::NotGenerated(algorithm) => write!(
                f,
                "no {algorithm} key could be made: the crypto library failed, for want of memory or of random bytes from the system. Nothing has changed; see to that, and try again"
            ),
            Self::Unreadable(algorithm) => write!(f, "the stored {algorithm} key cannot be read"),
            Self::Missing(algorithm) => write!(
                f,
                "there is no {algorithm} key, see `key list`; `key rotate --algorithm {algorithm}` without --revoke-old makes the first one"
            ),
            Self::NotSigned(algorithm) => write!(f, "signing with the {algorithm} key failed"),
            Self::Unsupported(algorithm) => {
                write!(
                    f,
                    "{algorithm} is not among the algorithms this issuer signs with: choose RS256, PS256, ES256 or EdDSA"
                )
            }
            Self::NotSealed(algorithm) => write!(
                f,
                "the {algorithm} key could not be sealed: the system gave no random bytes, or the crypto library failed. Nothing has changed, and no key was written in clear; try again"
            ),
            Self::NoSecret => write!(
                f,
                "the signing keys in the store are sealed, and {SECRET} is not set; set it (or {SECRET}_FILE) to the secret that they were sealed under. Without it they cannot be used by anybody"
            ),
            Self::WrongSecret {
                with_previous: false,
            } => write!(
                f,
                "{SECRET} does not open the signing keys in the store; set it to the secret that they were sealed under, or, to change it, set {SECRET}_PREVIOUS to that one as well"
            ),
            Self::WrongSecret {
                with_previous: true,
            } => write!(
                f,
                "neither {SECRET} nor {SECRET}_PREVIOUS opens every signing key in the store; set one of them to the secret that they were sealed under"
            ),
            Self::Waiting(algorithm, kid) => write!(
                f,
                "the {algorithm} key {kid} has been published and waits for its turn; try again once it is active, see `key list`"
            ),
            Self::TooMany(algorithm) => write!(
                f,
                "there are as many {algorithm} keys as there may be; wait until a retired one has left, see `key list`, or remove the old ones with `key rotate --algorithm {algorithm} --revoke-old`, which makes their tokens invalid"
            ),
            Self::SameName(kid) => write!(
                f,
                "there is a key with the kid {kid} already; name the new one with --kid, or leave it as it is"
            ),
            Self::NotShown(reason) => write!(
                f,
                "the changed signing keys are on disk, but requests are still answered with those of before ({reason}); it is tried again by itself, and a restart of the issuer does it"
            ),
            Self::SameKey(kid) => write!(
                f,
                "this very key is there already, with the kid {kid}, see `key list`: a key has one name, and there is nothing to import; for another key give another file, or make one with `key rotate`"
            ),
        }
    }
}

impl std::error::Error for KeyError {}

impl From<StoreError> for KeyError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_may_meet_is_told_with_what_to_do() {
        let kid: KeyId = "mine".parse().unwrap();
        let es256 = Algorithm::ES256;
        for (error, remedy) in [
            (KeyError::NotGenerated(es256), "try again"),
            (KeyError::Missing(es256), "`key rotate --algorithm ES256`"),
            (KeyError::Unsupported(es256), "choose RS256"),
            (KeyError::NotSealed(es256), "try again"),
            (KeyError::NotShown(String::new()), "a restart"),
            (KeyError::Waiting(es256, kid.clone()), "`key list`"),
            (KeyError::TooMany(es256), "`key list`"),
            (KeyError::SameName(kid.clone()), "--kid"),
            (KeyError::SameKey(kid), "give another file"),
        ] {
            let told = error.to_string();
            assert!(told.contains(remedy), "{told}");
        }
    }
}
