//! A change of the keys before it is on disk.

use std::sync::Arc;

use dockgate_token::{Algorithm, KeyId};

use super::super::signing_key::SigningKey;
use super::Entry;
use crate::audit::AuditEvent;
use crate::store::{KeyLife, StoredSigningKey};

#[derive(Clone)]
pub(super) struct Kept {
    pub(super) stored: StoredSigningKey,
    pub(super) kid: KeyId,
    pub(super) life: KeyLife,
    pub(super) key: Arc<SigningKey>,
}

/// What is to be written, and what the keys are once it has been.
pub(super) struct Draft {
    pub(super) keys: Vec<Kept>,
    pub(super) gone: Vec<u64>,
    pub(super) events: Vec<AuditEvent>,
}

impl Kept {
    pub(super) fn entry(&self) -> Entry {
        Entry {
            number: self.stored.number,
            algorithm: self.stored.algorithm,
            life: self.life,
        }
    }

    pub(super) fn to_store(&self) -> StoredSigningKey {
        StoredSigningKey {
            kid: Some(self.kid.clone()),
            life: self.life,
            ..self.stored.clone()
        }
    }
}

impl Draft {
    pub(super) fn remove(&mut self, number: u64, event: impl Fn(KeyId, Algorithm) -> AuditEvent) {
        let removed = self
            .keys
            .extract_if(.., |kept| kept.stored.number == number);
        for kept in removed {
            self.gone.push(number);
            self.events.push(event(kept.kid, kept.stored.algorithm));
        }
    }

    pub(super) fn revoke_all(&mut self, algorithm: Algorithm) {
        let own = self.keys.iter();
        let own = own.filter(|kept| kept.stored.algorithm == algorithm);
        let numbers: Vec<_> = own.map(|kept| kept.stored.number).collect();
        for number in numbers {
            self.remove(number, |kid, algorithm| AuditEvent::KeyRevoked {
                kid,
                algorithm,
            });
        }
    }
}
