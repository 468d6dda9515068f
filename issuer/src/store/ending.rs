//! The end of everything that a user or a client has here.

use dockgate_token::ClientId;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::clock::UnixSeconds;

/// Whose.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Of the user with this `sub`.
    User(&'a str),
    /// Of the client with this id.
    Client(&'a ClientId),
}

/// Whether it is remembered what was agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consents {
    /// It is: whoever comes back is not asked again.
    Kept,
    /// It is not.
    Forgotten,
}

/// How many there were of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Sessions of browsers.
    pub sessions: u64,
    /// Authorization requests that were pushed and not used.
    pub pushed_requests: u64,
    /// Authorization codes, redeemed or not.
    pub codes: u64,
    /// Device codes.
    pub devices: u64,
    /// Grants, each with its family of refresh tokens and its access tokens.
    pub grants: u64,
    /// What was agreed to and is forgotten.
    pub consents: u64,
}

impl Ended {
    /// These and those.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            sessions: self.sessions.saturating_add(other.sessions),
            pushed_requests: self.pushed_requests.saturating_add(other.pushed_requests),
            codes: self.codes.saturating_add(other.codes),
            devices: self.devices.saturating_add(other.devices),
            grants: self.grants.saturating_add(other.grants),
            consents: self.consents.saturating_add(other.consents),
        }
    }

    /// Whether there was nothing.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Where that is done. All of it reads whole tables, a few rows at a time: call it where blocking is
/// no harm. Requests are answered meanwhile.
pub trait EndStore: Send + Sync {
    /// How many live grants there are.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn count_grants(&self, whose: Whose<'_>, now: UnixSeconds) -> Result<u64, StoreError>;

    /// Removes all of it; on disk when this returns. What a request adds that is being answered
    /// meanwhile may be left.
    ///
    /// # Errors
    /// [`StoreError`]; some of it may then still be alive.
    fn end(&self, whose: Whose<'_>, consents: Consents) -> Result<Ended, StoreError>;
}
