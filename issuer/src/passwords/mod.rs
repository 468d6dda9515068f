//! Checking passwords: never more at once than the machine bears, never faster than guesses should
//! be, and in the same time whether the user exists or not.

mod gate;
mod hashing;
mod renewal;
#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};

use self::gate::{Gate, Who};
pub use self::hashing::hash;
use self::hashing::{hash_within, is_of};
use self::renewal::Renewing;
pub use self::renewal::{Renewal, Renewals};
use crate::clock::UnixSeconds;
use crate::entropy::Entropy;
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
    /// Where hashes go that were made anew, if anybody keeps them.
    renewing: Option<Renewing>,
}

/// Somebody who says who they are.
pub struct Attempt<'a> {
    /// The name that was given.
    pub username: &'a str,
    /// The password that was given.
    pub password: &'a str,
    /// Argon2id as a PHC string; `None` when nobody has the name.
    pub hash: Option<&'a str>,
    /// Whether another hash can be kept in its place.
    pub is_renewable: bool,
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
            renewing: None,
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

    /// The same, with the hashes of right passwords made anew where they are outdated. What comes
    /// out has to be kept by whoever reads it; there is room for few, and what finds none is made at
    /// another login.
    #[must_use]
    pub fn renewing(self, entropy: Entropy) -> (Self, Renewals) {
        let (renewing, renewals) = Renewing::new(entropy);
        let passwords = Self {
            renewing: Some(renewing),
            ..self
        };
        (passwords, renewals)
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
                let salt = self.salt_for_renewal(&attempt);
                let tried = pass.run(move |memory| {
                    let right = is_of(&hash, &password, memory);
                    let salt = salt.filter(|_| right);
                    let new = salt.and_then(|salt| hash_within(&password, salt, memory));
                    (right, new)
                });
                let (right, new) = tried.await.unwrap_or_default();
                self.offer(&attempt, new);
                right
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

    /// With which salt to hash the password anew, if it is right.
    fn salt_for_renewal(&self, attempt: &Attempt<'_>) -> Option<[u8; 16]> {
        let hash = attempt.hash.filter(|_| attempt.is_renewable)?;
        self.renewing.as_ref()?.salt_for(hash)
    }

    fn offer(&self, attempt: &Attempt<'_>, new: Option<String>) {
        let (Some(renewing), Some(old), Some(new)) = (&self.renewing, attempt.hash, new) else {
            return;
        };
        renewing.offer(Renewal {
            username: attempt.username.to_owned(),
            old: old.to_owned(),
            new,
        });
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
