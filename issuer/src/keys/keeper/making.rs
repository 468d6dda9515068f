//! New keys, and those that begin to sign.

use std::sync::Arc;

use dockgate_token::Algorithm;

use super::super::signing_key::{SigningKey, generate};
use super::super::{KeyError, lifecycle, opening};
use super::draft::{Draft, Kept};
use super::{Keeper, Moment};
use crate::audit::AuditEvent;
use crate::clock::UnixSeconds;
use crate::store::{KeyState, PrivateKey, StoredSigningKey};

impl<S> Keeper<S> {
    /// Adds a new key, which is published and, if it is to sign at once, takes over.
    pub(super) fn make(
        &self,
        draft: &mut Draft,
        algorithm: Algorithm,
        state: KeyState,
        now: Moment,
    ) -> Result<(), KeyError> {
        let private_key = generate(algorithm)?;
        let key = SigningKey::load(algorithm, None, &private_key)?;
        let kid = key.jwk().kid.clone();
        let number = self.add(draft, key, &private_key, KeyState::Published, now)?;
        draft
            .events
            .push(AuditEvent::KeyPublished { kid, algorithm });
        if state == KeyState::Active {
            self.activate(draft, number, now.wall);
        }
        Ok(())
    }

    /// Adds a key that nobody knows yet, and gives its number.
    pub(super) fn add(
        &self,
        draft: &mut Draft,
        key: SigningKey,
        private_key: &PrivateKey,
        state: KeyState,
        now: Moment,
    ) -> Result<u64, KeyError> {
        let algorithm = key.algorithm();
        let kid = key.jwk().kid.clone();
        let material = opening::material(
            &kid,
            algorithm,
            private_key,
            &self.settings.protection,
            self.entropy,
        )?;
        let numbers = draft.keys.iter().map(|kept| kept.stored.number);
        // Those that go in the same step too: a number that is written and removed is not there.
        let taken = numbers.chain(draft.gone.iter().copied()).max();
        let number = taken.map_or(0, |last| last.saturating_add(1));
        let life = lifecycle::begin(state, now.wall, &self.settings.schedule);
        draft.keys.push(Kept {
            stored: StoredSigningKey {
                number,
                algorithm,
                kid: Some(kid.clone()),
                created_at: now.wall,
                life,
                material,
            },
            kid,
            life,
            key: Arc::new(key),
        });
        Ok(number)
    }

    pub(super) fn activate(&self, draft: &mut Draft, number: u64, now: UnixSeconds) {
        let schedule = &self.settings.schedule;
        let mut keys = draft.keys.iter();
        let Some(next) = keys.find(|kept| kept.stored.number == number) else {
            return;
        };
        let (algorithm, kid) = (next.stored.algorithm, next.kid.clone());
        for kept in &mut draft.keys {
            let is_active = kept.life.state == KeyState::Active;
            if kept.stored.number == number {
                kept.life = lifecycle::enter(kept.life, KeyState::Active, now, schedule);
            } else if kept.stored.algorithm == algorithm && is_active {
                kept.life = lifecycle::enter(kept.life, KeyState::Retired, now, schedule);
                draft.events.push(AuditEvent::KeyRetired {
                    kid: kept.kid.clone(),
                    algorithm,
                });
            }
        }
        draft
            .events
            .push(AuditEvent::KeyActivated { kid, algorithm });
    }
}
