//! What the server cannot do now.

use std::sync::Arc;

use super::WireError;
use crate::store::StoreError;

/// How soon room may be expected where all is taken by what lives for minutes, in seconds.
const UNTIL_ROOM: u64 = 30;

/// Why no answer can be given, through no fault of the client's.
#[derive(Clone, Debug)]
pub enum Unavailable {
    /// The store failed. What the request would have changed may or may not have changed; nothing
    /// was handed out.
    Store(Arc<StoreError>),
    /// There are as many of these as are kept at once. The store is well: they go as they expire.
    Full(&'static str),
    /// The random source failed.
    Entropy,
    /// The crypto library refused to sign or to seal.
    Signing,
    /// A record changed under every one of many attempts.
    Contention,
    /// Too many requests of an expensive kind at once; try again after so many seconds.
    Busy(u64),
    /// What a client is could not be found out: its document is not to be had now. Try again after so
    /// many seconds.
    ClientDocument(u64),
    /// Too many failures; try again after so many seconds.
    Throttled(u64),
}

impl PartialEq for Unavailable {
    fn eq(&self, other: &Self) -> bool {
        self.reason() == other.reason()
    }
}

impl Eq for Unavailable {}

impl From<StoreError> for Unavailable {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full { what } => Self::Full(what),
            other => Self::Store(Arc::new(other)),
        }
    }
}

impl From<StoreError> for super::OAuthError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl Unavailable {
    pub(super) fn wire(&self) -> WireError {
        let (status, error, description, retry_after) = match self {
            Self::Store(_) | Self::Entropy | Self::Signing | Self::Contention => (
                503,
                "temporarily_unavailable",
                "The server cannot answer now; try again.",
                1,
            ),
            Self::Full(_) => (
                503,
                "temporarily_unavailable",
                "The server is busy; try again later.",
                UNTIL_ROOM,
            ),
            Self::Busy(seconds) => (
                503,
                "temporarily_unavailable",
                "The server is busy; try again later.",
                *seconds,
            ),
            Self::ClientDocument(seconds) => (
                503,
                "temporarily_unavailable",
                "The document at client_id cannot be fetched now; try again later.",
                *seconds,
            ),
            Self::Throttled(seconds) => (
                429,
                "temporarily_unavailable",
                "There were too many attempts; try again later.",
                *seconds,
            ),
        };
        WireError {
            retry_after: Some(retry_after),
            ..WireError::new(status, error, description)
        }
    }

    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Store(_) => "store_failed",
            Self::Full(_) => "store_full",
            Self::Entropy => "entropy_failed",
            Self::Signing => "signing_failed",
            Self::Contention => "contention",
            Self::Busy(_) => "busy",
            Self::ClientDocument(_) => "client_document_unreachable",
            Self::Throttled(_) => "throttled",
        }
    }
}
