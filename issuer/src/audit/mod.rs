//! The audit log: what happened that bears on security, who did it and from where, kept in the store
//! and told to the log. `docs/observability.md` lists the events.

mod attempts;
#[cfg(test)]
mod documented;
mod event;

use std::net::IpAddr;

use tracing::{info, warn};

pub use self::event::{AuditEvent, Facts};
use crate::clock::UnixSeconds;
use crate::metrics;
use crate::store::{AuditStore, StoreError};

pub(crate) use self::attempts::{Attempts, Counted};

/// Who asked, as far as that can be told from the outside of the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caller<'a> {
    /// The request's id, from Envoy.
    pub request_id: Option<&'a str>,
    /// The client's address, by the rule of `http::client_address`.
    pub address: Option<IpAddr>,
}

/// A [`Caller`] of its own, for who holds on to it longer than to the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerBuf {
    /// The request's id, from Envoy.
    pub request_id: Option<String>,
    /// The client's address, by the rule of `http::client_address`.
    pub address: Option<IpAddr>,
}

impl CallerBuf {
    /// The caller.
    pub fn as_caller(&self) -> Caller<'_> {
        Caller {
            request_id: self.request_id.as_deref(),
            address: self.address,
        }
    }
}

/// Puts an event on record, and tells the log. It is on disk with the next flush: call it before
/// the act writes, and a crash leaves no act without its event.
///
/// # Errors
/// [`StoreError`]; the act must then not be done.
pub fn record(
    store: &(impl AuditStore + ?Sized),
    at: UnixSeconds,
    caller: Caller<'_>,
    event: &AuditEvent,
) -> Result<(), StoreError> {
    tell(caller, event);
    store.add_audit(at, caller, event)
}

/// Tells log and metrics of an event that is put on record together with what it is about.
pub(crate) fn tell(caller: Caller<'_>, event: &AuditEvent) {
    log(caller, event);
    metrics::security_event(event);
}

fn log(caller: Caller<'_>, event: &AuditEvent) {
    let facts = event.facts();
    let fact = |name: &str| facts.get(name).map(String::as_str);
    // The level is part of a call's site; all else is the same.
    macro_rules! line {
        ($level:ident) => {
            $level!(
                event = event.name(),
                request_id = caller.request_id,
                address = caller.address.map(tracing::field::display),
                sub = fact("subject"),
                client_id = fact("client_id"),
                grant_id = fact("grant_id"),
                session_id = fact("session_id"),
                jti = fact("jti"),
                scope = fact("scope"),
                kid = fact("kid"),
                alg = fact("algorithm"),
                records = fact("records"),
                grants = fact("grants"),
                reason = fact("reason"),
                "security event"
            )
        };
    }
    if event.is_alarm() {
        line!(warn);
    } else {
        line!(info);
    }
}
