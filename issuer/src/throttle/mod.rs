//! Making guesses slow, and bounding what anybody may begin: `docs/limits.md` has the numbers.
//!
//! What is counted are failures, never attempts, and always *from where* they come. Nobody is ever
//! locked out by what others do: where an account or the whole server is guessed at from many places,
//! each of those places has to go slower, and whoever has not failed yet is let try. All of it is of
//! a size that is bounded: keys are digests, and of too many the one that was used least recently
//! goes. What has to survive a restart is written down by [`crate::counting`].

mod allowance;
mod client;
#[cfg(test)]
pub(crate) mod documented;
mod documents;
mod lasting;
mod login;
mod pending;
mod recent;
mod registration;
mod shares;
mod source;
mod streak;
mod user_code;

use std::sync::Arc;

pub use client::ClientThrottle;
pub use documents::DocumentThrottle;
pub use lasting::Change;
pub use login::LoginThrottle;
pub use pending::{Pending, PendingThrottle};
pub use registration::{Registrant, RegistrationThrottle};
pub use source::Source;
pub use user_code::{Guess, UserCodeThrottle};

use allowance::{Allowance, Rate};
use recent::Recent;

use crate::clock::UnixSeconds;
use crate::store::{CounterName, StoredCounter};

/// Try again after so many seconds, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub u64);

/// What a counter is kept under: the start of a SHA-256, the same size for whatever was typed.
type Key = [u8; 16];

/// The key of the one counter that counts everything of its kind.
const ALL_TOGETHER: Key = [0; 16];

/// Every throttle. They outlive a change of the configuration.
#[derive(Default)]
pub struct Throttles {
    /// Wrong passwords; shared with where they are checked.
    pub logins: Arc<LoginThrottle>,
    /// Wrong credentials of clients.
    pub clients: ClientThrottle,
    /// Wrong user codes.
    pub user_codes: UserCodeThrottle,
    /// Registrations.
    pub registrations: RegistrationThrottle,
    /// Pushed requests and device codes.
    pub pending: PendingThrottle,
}

impl Throttles {
    /// What has changed since the last call, and counts as written down from now on.
    pub fn take_changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        self.logins.take_changes(&mut changes);
        self.clients.take_changes(&mut changes);
        self.user_codes.take_changes(&mut changes);
        self.registrations.take_changes(&mut changes);
        changes
    }

    /// Takes in what was written down before a restart. What a later version wrote is passed over.
    pub fn restore(&self, counters: &[(CounterName, StoredCounter)]) {
        for (name, stored) in counters {
            let Some((book, key)) = lasting::parts(name) else {
                continue;
            };
            self.logins.restore(book, key, stored);
            self.clients.restore(book, key, stored);
            self.user_codes.restore(book, key, stored);
            self.registrations.restore(book, key, stored);
        }
    }
}

impl Recent<Allowance> {
    fn fail(&mut self, key: Key, rate: Rate, now: UnixSeconds) {
        let before = self.get(&key).unwrap_or_default();
        self.put(key, before.failed(rate, now));
    }

    /// Counts what may turn out to be no failure, and gives what [`Self::give_back`] is then to give back.
    fn take(&mut self, key: Key, rate: Rate, now: UnixSeconds) -> u64 {
        let before = self.get(&key).unwrap_or_default();
        let (tried, seconds) = before.tried(rate, now);
        self.put(key, tried);
        seconds
    }

    /// Gives back what [`Self::take`] took for what was no failure. Of who is whole again nothing is remembered: there
    /// is room for those who are not.
    fn give_back(&mut self, key: Key, seconds: u64, rate: Rate, now: UnixSeconds) {
        let Some(before) = self.get(&key) else {
            return;
        };
        let after = before.given_back(seconds, rate, now);
        match after.is_whole(now) {
            true => self.remove(&key),
            false => self.put(key, after),
        }
    }
}
