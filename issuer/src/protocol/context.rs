//! What a request is answered with: who the server is, what it keeps, the time and randomness.

use super::{AuthorizationServer, OAuthError, Unavailable};
use crate::audit::{self, AuditEvent, Caller};
use crate::clock::UnixSeconds;
use crate::entropy::Entropy;
use crate::keys::Keyring;
use crate::passwords::Passwords;
use crate::store::{AuditStore, StoreError};
use crate::throttle::Throttles;

/// Everything that a rule may depend on besides the request itself.
pub struct Context<'a, S> {
    /// Who the server is and whom it deals with.
    pub server: &'a AuthorizationServer,
    /// The signing keys.
    pub keys: &'a Keyring,
    /// What survives a restart.
    pub store: &'a S,
    /// Where passwords are checked.
    pub passwords: &'a Passwords,
    /// How much anybody has begun.
    pub throttles: &'a Throttles,
    /// The time of the request.
    pub now: UnixSeconds,
    /// Where random bytes come from.
    pub entropy: Entropy,
    /// Where the request comes from, for the audit log.
    pub caller: Caller<'a>,
}

impl<S> Clone for Context<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Context<'_, S> {}

impl<'a, S> Context<'a, S> {
    /// The same for a request of `caller`.
    #[must_use]
    pub fn asked_by(self, caller: Caller<'a>) -> Self {
        Self { caller, ..self }
    }

    /// Puts an event on record. Call it before the act writes: the flush of the act is the flush of
    /// its event, and a crash leaves no act without one.
    ///
    /// # Errors
    /// [`StoreError`]; the act must then not be done.
    pub fn record(&self, event: &AuditEvent) -> Result<(), StoreError>
    where
        S: AuditStore,
    {
        audit::record(self.store, self.now, self.caller, event)
    }

    /// Fresh random bytes.
    ///
    /// # Errors
    /// [`Unavailable::Entropy`] when the random source fails.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], OAuthError> {
        let mut bytes = [0; N];
        (self.entropy)(&mut bytes).map_err(|_| Unavailable::Entropy)?;
        Ok(bytes)
    }
}
