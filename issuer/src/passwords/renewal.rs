//! Hashes that are made anew. What is strong when a password is set is not strong for ever, and only
//! at a login is the password there to be hashed again (OWASP Password Storage Cheat Sheet, "Upgrading
//! the Work Factor").

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::hashing::{Salt, is_outdated};
use crate::entropy::Entropy;

/// How many may wait to be kept. One more is made again at the next login.
const MOST_WAITING: usize = 64;

/// The hash of a password that was found right, to be kept in the place of the one it was tried on.
#[derive(Clone, PartialEq, Eq)]
pub struct Renewal {
    /// Whose password it is.
    pub username: String,
    /// The hash that it was tried on.
    pub old: String,
    /// The new one, an Argon2id PHC string.
    pub new: String,
}

/// What comes out.
pub type Renewals = Receiver<Renewal>;

pub(super) struct Renewing {
    entropy: Entropy,
    waiting: Sender<Renewal>,
}

impl Renewing {
    pub(super) fn new(entropy: Entropy) -> (Self, Renewals) {
        let (waiting, renewals) = channel(MOST_WAITING);
        (Self { entropy, waiting }, renewals)
    }

    /// `None` where the hash is good as it is, where nobody could keep another now, and where there is
    /// no randomness.
    pub(super) fn salt_for(&self, hash: &str) -> Option<Salt> {
        if self.waiting.capacity() == 0 || !is_outdated(hash) {
            return None;
        }
        let mut salt = Salt::default();
        (self.entropy)(&mut salt).ok()?;
        Some(salt)
    }

    pub(super) fn offer(&self, renewal: Renewal) {
        // Full: it is made again at the next login.
        self.waiting.try_send(renewal).ok();
    }
}
