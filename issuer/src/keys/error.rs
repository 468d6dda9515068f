//! Why there is no usable key.

use std::fmt;

use dockgate_token::Algorithm;

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
    /// No key for this algorithm was asked for at start.
    Missing(Algorithm),
    /// The crypto library refused to sign.
    NotSigned(Algorithm),
    /// The issuer never signs with this algorithm.
    Unsupported(Algorithm),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::NotGenerated(algorithm) => write!(f, "no {algorithm} key could be made"),
            Self::Unreadable(algorithm) => write!(f, "the stored {algorithm} key cannot be read"),
            Self::Missing(algorithm) => write!(f, "there is no {algorithm} key"),
            Self::NotSigned(algorithm) => write!(f, "signing with the {algorithm} key failed"),
            Self::Unsupported(algorithm) => {
                write!(
                    f,
                    "{algorithm} is not among the algorithms this issuer signs with"
                )
            }
        }
    }
}

impl std::error::Error for KeyError {}

impl From<StoreError> for KeyError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
