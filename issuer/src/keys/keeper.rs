//! The signing keys of a running issuer: what is in the store, and what has become of it since.
//!
//! Every change is on disk before a [`Keyring`] shows it. After a crash between two changes the next
//! start finds the first, and goes on from there. A change that fails leaves everything as it was.

mod draft;
mod making;
mod status;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use dockgate_token::Algorithm;
use tracing::{info, warn};

use self::draft::{Draft, Kept};
pub use self::status::KeyStatus;
use super::import::Imported;
use super::keyring::Use;
use super::lifecycle::{self, Entry, MAX_KEYS, Schedule, Step};
use super::signing_key::SigningKey;
use super::{KeyError, Keyring, Protection, opening};
use crate::audit::{self, AuditEvent, Caller};
use crate::clock::UnixSeconds;
use crate::entropy::Entropy;
use crate::store::{Acts, KeyState, SigningKeyStore};

/// Now, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// On the wall.
    pub wall: UnixSeconds,
    /// By the clock that cannot be set, from any beginning.
    pub uptime: Duration,
}

/// How the keys are kept, and for how long.
#[derive(Clone, Debug)]
pub struct KeySettings {
    /// Their lives.
    pub schedule: Schedule,
    /// What they are sealed under.
    pub protection: Protection,
}

/// All keys, as they are on disk and as they have gone on since.
pub struct Keeper<S> {
    store: S,
    settings: KeySettings,
    entropy: Entropy,
    keys: Vec<Kept>,
    /// Up to when the lives have gone on.
    counted: Duration,
    /// Whose rotation had to wait when that was last said.
    held: BTreeSet<Algorithm>,
    generation: u64,
}

/// What becomes of the keys that a new one takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Old {
    /// They stay as long as anything that they signed is alive.
    Retire,
    /// They leave the JWKS at once.
    Revoke,
}

/// When a new key begins to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// Once it has been published for long enough.
    Published,
    /// At once, whether verifiers know it or not.
    AtOnce,
}

impl<S: SigningKeyStore> Keeper<S> {
    /// Loads the keys, seals them as the settings say, and makes those without which an algorithm
    /// could not sign. The first start publishes the first keys and signs with them at once: nobody
    /// can have a JWKS of an issuer that there was not. All is on disk when this returns.
    ///
    /// # Errors
    /// [`KeyError`] when the store fails or has lost its keys, when a stored key does not open or
    /// does not parse, or when a key cannot be made.
    pub fn open(
        store: S,
        settings: KeySettings,
        entropy: Entropy,
        now: Moment,
    ) -> Result<Self, KeyError> {
        let opened = opening::open(store.signing_keys()?, &settings.protection, entropy)?;
        let changed = opened.iter().any(|opened| opened.is_rewritten);
        let kept = |opened: opening::Opened| Kept {
            kid: opened.key.jwk().kid.clone(),
            life: opened.stored.life,
            stored: opened.stored,
            key: Arc::new(opened.key),
        };
        let mut keeper = Self {
            store,
            settings,
            entropy,
            keys: opened.into_iter().map(kept).collect(),
            counted: now.uptime,
            held: BTreeSet::new(),
            generation: 0,
        };
        if changed {
            let written: Vec<_> = keeper.keys.iter().map(|key| key.stored.clone()).collect();
            keeper.store.write_signing_keys(&written, &[])?;
            info!(
                keys = written.len(),
                "the signing keys were written anew, as they are now to be kept"
            );
        }
        keeper.tick(now)?;
        Ok(keeper)
    }

    /// Has the lives go on to now, and does what is due. Whether a [`Keyring`] made from now on is
    /// another than before, [`Self::generation`] says.
    ///
    /// # Errors
    /// [`KeyError`] when it could not be done; it is then due at the next call.
    pub fn tick(&mut self, now: Moment) -> Result<(), KeyError> {
        self.count(now);
        let steps = lifecycle::steps(now.wall, &self.entries(), &self.settings.schedule);
        let mut draft = self.draft();
        let mut held = BTreeSet::new();
        for step in steps {
            match step {
                Step::Begin(algorithm) => {
                    self.make(&mut draft, algorithm, KeyState::Active, now)?;
                }
                Step::Publish(algorithm) => {
                    self.make(&mut draft, algorithm, KeyState::Published, now)?;
                }
                Step::Activate(number) => self.activate(&mut draft, number, now.wall),
                Step::Remove(number) => draft.remove(number, |kid, algorithm| {
                    AuditEvent::KeyRemoved { kid, algorithm }
                }),
                Step::Hold(algorithm) => {
                    held.insert(algorithm);
                }
            }
        }
        self.commit(draft, now)?;
        self.tell_of_held(held);
        Ok(())
    }

    /// Takes other settings of the schedule. What they promise is on disk when this returns, so that
    /// tokens may then be as long as they say.
    ///
    /// # Errors
    /// [`KeyError`] as for [`Self::tick`]; the settings are then as before.
    pub fn reschedule(&mut self, schedule: Schedule, now: Moment) -> Result<(), KeyError> {
        let before = std::mem::replace(&mut self.settings.schedule, schedule);
        let ticked = self.tick(now);
        if ticked.is_err() {
            self.settings.schedule = before;
        }
        ticked
    }

    /// The settings of the schedule.
    pub fn schedule(&self) -> &Schedule {
        &self.settings.schedule
    }

    /// Begins a rotation of each of the algorithms, or of all that there are. An algorithm of which a
    /// key is waiting already is left alone, unless the old ones are to be revoked: then none of
    /// them stays, nor any that waits, and the new one signs at once. So does the first key of an
    /// algorithm that is named and has none.
    ///
    /// # Errors
    /// [`KeyError`]; then nothing has changed.
    pub fn rotate(
        &mut self,
        algorithm: Option<Algorithm>,
        old: Old,
        now: Moment,
    ) -> Result<Vec<KeyStatus>, KeyError> {
        self.count(now);
        let all = || self.keys.iter().map(|key| key.stored.algorithm).collect();
        let algorithms = algorithm.map_or_else(all, |one| BTreeSet::from([one]));
        let mut draft = self.draft();
        let mut first = false;
        for algorithm in algorithms {
            let is_first = !self.is_present(algorithm);
            match old {
                Old::Revoke if is_first => return Err(KeyError::Missing(algorithm)),
                Old::Retire if is_first => {
                    first = true;
                    self.make(&mut draft, algorithm, KeyState::Active, now)?;
                }
                Old::Revoke => {
                    draft.revoke_all(algorithm);
                    self.make(&mut draft, algorithm, KeyState::Active, now)?;
                }
                Old::Retire if self.waiting(algorithm).is_some() => {}
                Old::Retire => {
                    self.check_room(algorithm)?;
                    self.make(&mut draft, algorithm, KeyState::Published, now)?;
                }
            }
        }
        self.commit(draft, now)?;
        let concerned = |status: &KeyStatus| {
            algorithm.is_none_or(|one| status.algorithm == one)
                && match old {
                    Old::Revoke => status.state == KeyState::Active,
                    Old::Retire if first => status.state == KeyState::Active,
                    Old::Retire => status.state == KeyState::Published,
                }
        };
        Ok(self.list(now).into_iter().filter(concerned).collect())
    }

    /// Takes in a key from elsewhere.
    ///
    /// # Errors
    /// [`KeyError`] when there is a key of that name or the same key, or one that is waiting; then
    /// nothing has changed.
    pub fn import(
        &mut self,
        imported: Imported,
        first: First,
        now: Moment,
    ) -> Result<KeyStatus, KeyError> {
        self.count(now);
        let Imported {
            algorithm,
            kid,
            private_key,
        } = imported;
        let key = SigningKey::load(algorithm, kid, &private_key)?;
        let kid = key.jwk().kid.clone();
        let same = |kept: &&Kept| kept.key.jwk().key == key.jwk().key;
        if let Some(same) = self.keys.iter().find(same) {
            return Err(KeyError::SameKey(same.kid.clone()));
        }
        if self.keys.iter().any(|kept| kept.kid == kid) {
            return Err(KeyError::SameName(kid));
        }
        if let Some(waiting) = self.waiting(algorithm) {
            return Err(KeyError::Waiting(algorithm, waiting.kid.clone()));
        }
        self.check_room(algorithm)?;
        let mut draft = self.draft();
        draft.events.push(AuditEvent::KeyImported {
            kid: kid.clone(),
            algorithm,
        });
        let number = self.add(&mut draft, key, &private_key, KeyState::Published, now)?;
        draft.events.push(AuditEvent::KeyPublished {
            kid: kid.clone(),
            algorithm,
        });
        if first == First::AtOnce || !self.is_present(algorithm) {
            self.activate(&mut draft, number, now.wall);
        }
        self.commit(draft, now)?;
        let mut listed = self.list(now).into_iter();
        listed
            .find(|status| status.kid == kid)
            .ok_or(KeyError::Missing(algorithm))
    }

    /// The keys as they are on disk, ready to sign.
    pub fn keyring(&self) -> Keyring {
        let used = |kept: &Kept| match kept.life.state {
            KeyState::Active => Use::Signs,
            KeyState::Published | KeyState::Retired => Use::Checks,
        };
        let keys = self.keys.iter().map(|kept| (kept.key.clone(), used(kept)));
        Keyring::of(keys.collect())
    }

    /// Goes up with every change that a [`Keyring`] shows.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Puts on disk how far the lives have gone on: for an orderly stop.
    ///
    /// # Errors
    /// [`KeyError`] when the store fails.
    pub fn settle(&mut self, now: Moment) -> Result<(), KeyError> {
        self.count(now);
        let written: Vec<_> = self.keys.iter().map(Kept::to_store).collect();
        self.store.write_signing_keys(&written, &[])?;
        for (kept, stored) in self.keys.iter_mut().zip(written) {
            kept.stored = stored;
        }
        Ok(())
    }

    /// Has the lives go on by whole seconds; what is left of one counts the next time.
    fn count(&mut self, now: Moment) {
        let seconds = now.uptime.saturating_sub(self.counted).as_secs();
        self.counted = self.counted.saturating_add(Duration::from_secs(seconds));
        for kept in &mut self.keys {
            kept.life = lifecycle::advance(kept.life, now.wall, seconds, &self.settings.schedule);
        }
    }

    fn entries(&self) -> Vec<Entry> {
        self.keys.iter().map(Kept::entry).collect()
    }

    fn draft(&self) -> Draft {
        Draft {
            keys: self.keys.clone(),
            gone: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Writes what the draft changes with its events, and takes it over.
    fn commit(&mut self, draft: Draft, now: Moment) -> Result<(), KeyError> {
        let Draft {
            mut keys,
            gone,
            events,
        } = draft;
        let is_new = |number: u64| self.keys.iter().all(|kept| kept.stored.number != number);
        let written: Vec<_> = keys
            .iter()
            .filter(|kept| {
                is_new(kept.stored.number)
                    || lifecycle::is_worth_writing(&kept.stored.life, &kept.life)
            })
            .map(Kept::to_store)
            .collect();
        if !written.is_empty() || !gone.is_empty() {
            let acts = Acts {
                at: now.wall,
                events: &events,
            };
            self.store.write_recorded_keys(&written, &gone, acts)?;
        }
        // Nobody asks by HTTP: it is the schedule, or an operator on this machine.
        for event in &events {
            audit::tell(Caller::default(), event);
        }
        for stored in written {
            let mut keys = keys.iter_mut();
            if let Some(kept) = keys.find(|kept| kept.stored.number == stored.number) {
                kept.stored = stored;
            }
        }
        self.keys = keys;
        if !events.is_empty() {
            self.generation += 1;
        }
        Ok(())
    }

    fn tell_of_held(&mut self, held: BTreeSet<Algorithm>) {
        for algorithm in held.difference(&self.held) {
            warn!(
                alg = %algorithm,
                "no key is rotated while there are {MAX_KEYS} of one algorithm; see `key list`"
            );
        }
        self.held = held;
    }

    fn is_present(&self, algorithm: Algorithm) -> bool {
        self.keys
            .iter()
            .any(|kept| kept.stored.algorithm == algorithm)
    }

    fn waiting(&self, algorithm: Algorithm) -> Option<&Kept> {
        self.keys.iter().find(|kept| {
            kept.stored.algorithm == algorithm && kept.life.state == KeyState::Published
        })
    }

    fn check_room(&self, algorithm: Algorithm) -> Result<(), KeyError> {
        let own = self
            .keys
            .iter()
            .filter(|kept| kept.stored.algorithm == algorithm);
        if own.count() >= MAX_KEYS {
            return Err(KeyError::TooMany(algorithm));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
