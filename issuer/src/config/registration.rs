//! `[registration]`: clients that register themselves (RFC 7591).

use std::collections::BTreeSet;
use std::sync::Arc;

use dockgate_token::{Algorithm, Scope};
use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::located::{Located, Place};
use super::resource_servers::check_known_scopes;
use super::secret::{Rules, WrittenSecret};
use crate::protocol::registration::{InitialAccessToken, Offer, REGISTRABLE, RegistrationPolicy};
use crate::protocol::{Clients, Grant, ResourceServer};

const DAY: u64 = 24 * 60 * 60;
/// Half of what the store keeps: the operator's own clients always find room beside them.
pub(super) const MAX_CLIENTS: u64 = 10_000;
/// More than anybody tells apart.
const MAX_INITIAL_ACCESS_TOKENS: usize = 100;

/// What every client of OpenID Connect asks for, and what a user agrees to or not.
const OPENID_DEFAULTS: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Clients that register themselves (RFC 7591): [registration.md](registration.md) has how.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RegistrationTable {
    /// Whether clients may register themselves at all. Each is one more name that a user may be asked
    /// to trust, and nobody has looked at it.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    pub(super) enabled: Option<Located<bool>>,
    /// Lets anybody register, without one of the `[[initial_access_tokens]]`. The risk: strangers can
    /// fill up `max_clients` as fast as [the limits](limits.md) let them, and show users a consent page
    /// with a name of their choice. A warning at start.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    pub(super) open: Option<Located<bool>>,
    /// How many clients may be registered at once: half of what the store keeps, so that the operator's
    /// own find room.
    pub(super) max_clients: Option<Located<u64>>,
    /// A client that has not had a token for so many days after it registered is removed: programs
    /// register anew at each start, and forget.
    pub(super) unused_days: Option<Located<u64>>,
    /// What grants clients may register: these, `client_credentials` and the device code grant. Others
    /// need somebody who has looked at the client.
    #[cfg_attr(test, schemars(extend("default" = ["authorization_code", "refresh_token"])))]
    pub(super) grants: Option<Vec<Located<String>>>,
    /// What scopes they may register.
    #[cfg_attr(test, schemars(extend("x-default" = "the `default_scope` of each resource server, and `openid profile email offline_access`", "examples" = [["openid", "api:read"]])))]
    pub(super) scopes: Option<Vec<Located<String>>>,
    /// What of `scopes` every such client may ask for, whatever it names. MCP clients name what the first
    /// challenge wanted, and ask for more when they need it; who wants to hold a client to what it named
    /// makes this list short.
    #[cfg_attr(test, schemars(extend("x-default" = "all of `scopes`", "examples" = [["openid"]])))]
    pub(super) default_scopes: Option<Vec<Located<String>>>,
    /// Permits redirect URIs such as `com.example.app:/callback`. The risk: any program of the machine
    /// can claim the scheme. A loopback address does the same without it (RFC 8252 §7.3).
    #[cfg_attr(test, schemars(extend("default" = false)))]
    pub(super) private_use_schemes: Option<Located<bool>>,
}

/// Who may register clients where registration is not open (RFC 7591 §3), up to 100.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct InitialAccessTokenTable {
    /// What logs have, and what registrations are counted by.
    #[cfg_attr(test, schemars(extend("examples" = ["continuous-integration"])))]
    name: String,
    /// The token in plain text, for a loopback issuer only.
    #[cfg_attr(test, schemars(extend("examples" = ["only for trying things out"])))]
    secret: Option<Located<String>>,
    /// SHA-256 of the token in hexadecimal, from `printf %s THE_TOKEN | sha256sum`.
    #[cfg_attr(test, schemars(extend("examples" = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])))]
    secret_sha256: Option<Located<String>>,
    /// A file that holds the token, relative to the configuration; at least 32 characters that look
    /// random. One of the three is required.
    #[cfg_attr(test, schemars(extend("examples" = ["web.secret"])))]
    secret_file: Option<Located<String>>,
}

/// What it is checked against.
pub(super) struct Known<'a> {
    pub(super) servers: &'a [ResourceServer],
    pub(super) clients: &'a Clients,
    pub(super) secrets: &'a Rules<'a>,
}

impl RegistrationTable {
    pub(super) fn check(
        self,
        tokens: Vec<Located<InitialAccessTokenTable>>,
        known: &Known<'_>,
        problems: &mut Problems,
        warnings: &mut Vec<String>,
    ) -> Option<Arc<RegistrationPolicy>> {
        let is = |flag: &Option<Located<bool>>| flag.as_ref().is_some_and(|flag| flag.value);
        let (enabled, open) = (is(&self.enabled), is(&self.open));
        if enabled && !open && tokens.is_empty() {
            let place = self
                .enabled
                .as_ref()
                .map_or(Place::Absent, |own| own.place.clone());
            problems.add(
                &place,
                "registration is enabled, but nobody may register",
                "Add [[initial_access_tokens]] with a name and a secret_sha256, or open = true to let anybody register",
            );
        }
        if enabled && open {
            warnings.push("registration.open lets anybody register a client, with a name of their choice on the consent page; prefer [[initial_access_tokens]]".to_owned());
        }
        let initial_access_tokens = check_tokens(tokens, known.secrets, problems);
        let max_clients = bounded(
            "registration.max_clients",
            self.max_clients,
            MAX_CLIENTS,
            1..=MAX_CLIENTS,
            problems,
        );
        let unused_days = bounded(
            "registration.unused_days",
            self.unused_days,
            30,
            1..=366,
            problems,
        );
        let scopes = Scopes {
            table: "registration",
            allowed: self.scopes,
            default: self.default_scopes,
        };
        let (scope, default_scope) = scopes.check(known.servers, problems);
        let policy = RegistrationPolicy {
            open,
            initial_access_tokens,
            max_clients: usize::try_from(max_clients).unwrap_or(usize::MAX),
            unused_seconds: unused_days * DAY,
            offer: Offer {
                grants: check_grants(self.grants, problems),
                scope,
                // MCP clients register with the scope of the first challenge that they met, and would
                // never get another in a step-up.
                always_scope: default_scope.clone(),
                default_scope,
                private_use_schemes: is(&self.private_use_schemes),
                id_token_algorithms: id_token_algorithms(known.servers, known.clients),
            },
        };
        enabled.then(|| Arc::new(policy))
    }
}

fn check_tokens(
    written: Vec<Located<InitialAccessTokenTable>>,
    secrets: &Rules,
    problems: &mut Problems,
) -> Vec<InitialAccessToken> {
    if let Some(beyond) = written.get(MAX_INITIAL_ACCESS_TOKENS) {
        let wrong =
            format!("there are more than {MAX_INITIAL_ACCESS_TOKENS} initial access tokens");
        problems.add(&beyond.place, wrong, "Remove those that nobody uses");
    }
    let mut tokens: Vec<InitialAccessToken> = Vec::new();
    for Located { value, place } in written {
        let whose = format!("initial access token {:?}", value.name);
        if tokens.iter().any(|token| token.name == value.name) {
            let instead = "Give each a name of its own: it is what they are counted by";
            problems.add(&place, format!("{whose} occurs twice"), instead);
        }
        let written = WrittenSecret {
            secret: value.secret,
            secret_sha256: value.secret_sha256,
            secret_file: value.secret_file,
            secrets: Vec::new(),
        };
        if !written.is_present() {
            let instead = "Add secret_sha256 or secret_file";
            problems.add(&place, format!("{whose} has no secret"), instead);
        }
        if let Some(secrets) = secrets.check(&whose, written, problems) {
            let name = value.name;
            tokens.push(InitialAccessToken { name, secrets });
        }
    }
    tokens
}

/// The grants that clients may register, or the default.
fn check_grants(written: Option<Vec<Located<String>>>, problems: &mut Problems) -> BTreeSet<Grant> {
    let Some(written) = written else {
        return [Grant::AuthorizationCode, Grant::RefreshToken].into();
    };
    let mut grants = BTreeSet::new();
    for Located { value, place } in written {
        let grant = REGISTRABLE.into_iter().find(|own| own.as_str() == value);
        match grant {
            Some(grant) => {
                grants.insert(grant);
            }
            None => {
                let wrong = format!("registration.grants: clients cannot register {value:?}");
                let names: Vec<_> = REGISTRABLE.into_iter().map(Grant::as_str).collect();
                let instead = format!(
                    "Write one of {}; a client that needs another has to be one of the [[clients]]",
                    names.join(", ")
                );
                problems.add(&place, wrong, instead);
            }
        }
    }
    grants
}

/// The scopes of clients that say themselves what they are.
pub(super) struct Scopes {
    /// The table they are written in.
    pub(super) table: &'static str,
    pub(super) allowed: Option<Vec<Located<String>>>,
    pub(super) default: Option<Vec<Located<String>>>,
}

impl Scopes {
    /// What may be registered, and what a client gets that names none.
    pub(super) fn check(
        self,
        servers: &[ResourceServer],
        problems: &mut Problems,
    ) -> (Scope, Scope) {
        let table = self.table;
        let scope = match self.allowed {
            Some(written) => check_known_scopes(table, &written, servers, problems),
            None => {
                let own = servers
                    .iter()
                    .flat_map(|server| server.default_scope.iter());
                Scope::from_tokens(OPENID_DEFAULTS.into_iter().chain(own)).unwrap_or_default()
            }
        };
        let Some(written) = self.default else {
            return (scope.clone(), scope);
        };
        for Located { value, place } in &written {
            if !scope.contains(value) {
                let wrong =
                    format!("{table}.default_scopes has {value:?}, which is not among its scopes");
                problems.add(
                    place,
                    wrong,
                    "Add it to registration.scopes, or remove it here",
                );
            }
        }
        let default = Scope::from_tokens(written.iter().map(|scope| &scope.value));
        (scope, default.unwrap_or_default())
    }
}

/// Those that there are keys for in any case: a client that registers must not make the server need
/// another.
pub(super) fn id_token_algorithms(
    servers: &[ResourceServer],
    clients: &Clients,
) -> BTreeSet<Algorithm> {
    let of_servers = servers.iter().map(|server| server.signing_algorithm);
    let of_clients = clients.values().map(|client| client.id_token_algorithm);
    of_servers
        .chain(of_clients)
        .chain([Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA])
        .collect()
}
