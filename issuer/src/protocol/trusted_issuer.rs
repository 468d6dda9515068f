//! Others whose word counts (RFC 7523 §2.1): identity providers, build systems, clouds.

use std::collections::{BTreeSet, HashMap};

use dockgate_token::{ClientId, Scope};

use crate::keys::VerificationKeys;

/// An issuer of assertions, and what its assertions are good for.
#[derive(Clone, Debug, PartialEq)]
pub struct TrustedIssuer {
    /// The `iss` of its assertions.
    pub issuer: String,
    /// Its keys.
    pub keys: VerificationKeys,
    /// The clients that may bring its assertions.
    pub clients: BTreeSet<ClientId>,
    /// The most that may be had for one.
    pub scope: Scope,
    /// Whom the `sub` of an assertion stands for. Who is not listed stands for nobody.
    pub subjects: HashMap<String, AssertedSubject>,
    /// How long after now an assertion may end, in seconds.
    pub max_lifetime: u64,
}

/// Whom an assertion is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssertedSubject {
    /// The user of this `sub`.
    User(String),
    /// The client that brings the assertion.
    Client,
}
