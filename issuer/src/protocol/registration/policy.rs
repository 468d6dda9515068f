//! What clients may register.

use std::collections::BTreeSet;

use dockgate_token::{Algorithm, Scope};

use crate::protocol::{ClientSecrets, Grant};

/// The rules, as the operator sets them. What was registered under other rules stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationPolicy {
    /// Whether anybody may register, without a token.
    pub open: bool,
    /// Who else may.
    pub initial_access_tokens: Vec<InitialAccessToken>,
    /// How many clients may be registered at once.
    pub max_clients: usize,
    /// How long a client may be there that never had a token, in seconds.
    pub unused_seconds: u64,
    /// What a client may be.
    pub offer: Offer,
}

/// What a client may be that says so itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The grants it may have, all of them [`REGISTRABLE`].
    pub grants: BTreeSet<Grant>,
    /// The scopes it may have.
    pub scope: Scope,
    /// What of them it gets if it names none.
    pub default_scope: Scope,
    /// What of them it gets besides what it names.
    pub always_scope: Scope,
    /// Whether a redirect URI may have a scheme of the application's own (RFC 8252 §7.1).
    pub private_use_schemes: bool,
    /// What its ID tokens may be signed with.
    pub id_token_algorithms: BTreeSet<Algorithm>,
}

/// A token by which somebody may register clients (RFC 7591 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialAccessToken {
    /// What it is called in logs, and counted by.
    pub name: String,
    /// What is known of it.
    pub secrets: ClientSecrets,
}

/// The grants that a client may ever register. Those that are not here need somebody to have looked at
/// the client: token exchange and assertions by what they permit, the others by what they give away
/// (RFC 9700 §2.1.2, §2.4).
pub const REGISTRABLE: [Grant; 4] = [
    Grant::AuthorizationCode,
    Grant::RefreshToken,
    Grant::ClientCredentials,
    Grant::DeviceCode,
];
