//! Checking passwords: never more at once than the machine bears, never faster than guesses should
//! be, and in the same time whether the user exists or not.

mod gate;
mod hashing;
#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};

use self::gate::{Gate, Who};
pub use self::hashing::hash;
use self::hashing::is_of;
use crate::clock::UnixSeconds;
use crate::throttle::{LoginThrottle, RetryAfter, Source};
use crate::traces;

/// The longest password, in bytes: enough for any sentence, too little to be a load. A longer one
/// is wrong without being hashed.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Checks passwords. At most `max_concurrent` are hashed at once, each with the memory that its
/// hash says; so many that the queue is full are turned away.
pub struct Passwords {
    gate: Gate,
    throttle: Arc<LoginThrottle>,
    /// The hashes of the users. A password for an unknown name is tried on one of them and the
    /// result thrown away: it takes just as long as that of somebody (OWASP Authentication Cheat
    /// Sheet).
    decoys: RwLock<Vec<String>>,
}

/// Somebody who says who they are.
pub struct Attempt<'a> {
    /// The name that was given.
    pub username: &'a str,
    /// The password that was given.
    pub password: &'a str,
    /// Argon2id as a PHC string; `None` when nobody has the name.
    pub hash: Option<&'a str>,
    /// Where it comes from.
    pub source: Source,
}

/// A password that was not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedAway {
    /// Too many wrong ones.
    Throttled(RetryAfter),
    /// Too many at once.
    Busy(RetryAfter),
}

impl Passwords {
    /// `hashes` are those of all users.
    pub fn new<'a>(max_concurrent: usize, hashes: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            gate: Gate::new(max_concurrent),
            throttle: Arc::default(),
            decoys: RwLock::new(hashes.into_iter().map(str::to_owned).collect()),
        }
    }

    /// From now on `hashes` are those of all users. What is known of wrong passwords stays.
    pub fn replace_hashes<'a>(&self, hashes: impl IntoIterator<Item = &'a str>) {
        let hashes = hashes.into_iter().map(str::to_owned).collect();
        *self.decoys.write().unwrap_or_else(PoisonError::into_inner) = hashes;
    }

    /// The same, with the failures counted where others count them too.
    #[must_use]
    pub fn counted_by(self, throttle: Arc<LoginThrottle>) -> Self {
        Self { throttle, ..self }
    }

    /// Whether the password is right.
    ///
    /// # Errors
    /// [`TurnedAway`] when it was not tried at all.
    pub async fn check(&self, attempt: Attempt<'_>, now: UnixSeconds) -> Result<bool, TurnedAway> {
        let Attempt {
            username, source, ..
        } = attempt;
        self.throttle(username, source, now)?;
        let right = match self.hash_for(&attempt) {
            Some(hash) => {
                let who = match source {
                    Source::Device(_) => Who::Known,
                    Source::Browser(_) | Source::Client(_) => Who::Other,
                };
                let waiting = traces::child("wait for password turn");
                let pass = self.gate.pass(who).await.map_err(TurnedAway::Busy)?;
                drop(waiting);
                // Of many at once, those that waited see the failures of those before them.
                self.throttle(username, source, now)?;
                let password = attempt.password.to_owned();
                let _span = traces::child("hash password");
                pass.run(move |memory| is_of(&hash, &password, memory))
                    .await
            }
            None => false,
        };
        let right = right && attempt.hash.is_some();
        if right {
            self.throttle.succeeded(username, source);
        } else {
            self.throttle.failed(username, source, now);
        }
        Ok(right)
    }

    fn throttle(&self, username: &str, source: Source, now: UnixSeconds) -> Result<(), TurnedAway> {
        let checked = self.throttle.check(username, source, now);
        checked.map_err(TurnedAway::Throttled)
    }

    /// The hash to try the password on; `None` when it is wrong whatever it is.
    fn hash_for(&self, attempt: &Attempt<'_>) -> Option<String> {
        if attempt.password.is_empty() || attempt.password.len() > MAX_PASSWORD_BYTES {
            return None;
        }
        let own = attempt.hash.map(str::to_owned);
        own.or_else(|| self.decoy(attempt.username))
    }

    /// Always the same for a name, so that asking twice tells nothing either.
    fn decoy(&self, username: &str) -> Option<String> {
        let digest = digest(&SHA256, username.as_bytes());
        let number = u64::from_be_bytes(*digest.as_ref().first_chunk()?);
        let decoys = self.decoys.read().unwrap_or_else(PoisonError::into_inner);
        let count = u64::try_from(decoys.len()).ok()?;
        let index = usize::try_from(number.checked_rem(count)?).ok()?;
        decoys.get(index).cloned()
    }
}
