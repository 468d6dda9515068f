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

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistrationTable {
    /// Whether clients may register themselves at all. Default false: each is one more name that a user
    /// may be asked to trust, and nobody has looked at it.
    pub(super) enabled: Option<Located<bool>>,
    /// Whether anybody may, without an initial access token. The risk: strangers can fill up
    /// `max_clients` as fast as the limits let them, and can show users a consent page with a name of
    /// their choice. Default false.
    pub(super) open: Option<Located<bool>>,
    /// Who else may, each by a token that is a secret of this server.
    #[serde(default)]
    pub(super) initial_access_tokens: Vec<Located<InitialAccessTokenTable>>,
    /// How many clients may be registered at once, 1 to 10000.
    pub(super) max_clients: Option<Located<u64>>,
    /// How long a client may be there that never had a token, 1 to 366 days. Default 30.
    pub(super) unused_days: Option<Located<u64>>,
    /// The grants that clients may register. Default: authorization code and refresh token.
    pub(super) grants: Option<Vec<Located<String>>>,
    /// The scopes that clients may register. Default: what a resource server gives by default, and
    /// `openid`, `profile`, `email` and `offline_access`.
    pub(super) scopes: Option<Vec<Located<String>>>,
    /// What a client gets that names none. Default: all of `scopes`, as few clients name any before they
    /// know what they will be asked for.
    pub(super) default_scopes: Option<Vec<Located<String>>>,
    /// Whether a redirect URI may have a scheme of the application's own, such as
    /// `com.example.app:/callback`. The risk: any program of the machine can claim the scheme. Default
    /// false: a loopback address does the same without it (RFC 8252 §7.3).
    pub(super) private_use_schemes: Option<Located<bool>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InitialAccessTokenTable {
    name: String,
    secret: Option<Located<String>>,
    secret_sha256: Option<Located<String>>,
    secret_file: Option<Located<String>>,
}

impl RegistrationTable {
    pub(super) fn check(
        self,
        servers: &[ResourceServer],
        clients: &Clients,
        secrets: &Rules,
        problems: &mut Problems,
        warnings: &mut Vec<String>,
    ) -> Option<Arc<RegistrationPolicy>> {
        let is = |flag: &Option<Located<bool>>| flag.as_ref().is_some_and(|flag| flag.value);
        let (enabled, open) = (is(&self.enabled), is(&self.open));
        if enabled && !open && self.initial_access_tokens.is_empty() {
            let place = self
                .enabled
                .as_ref()
                .map_or(Place::Absent, |own| own.place.clone());
            problems.add(
                &place,
                "registration is enabled, but nobody may register",
                "Add [[registration.initial_access_tokens]] with a name and a secret_sha256, or open = true to let anybody register",
            );
        }
        if enabled && open {
            warnings.push("registration.open lets anybody register a client, with a name of their choice on the consent page; prefer initial_access_tokens".to_owned());
        }
        let initial_access_tokens = check_tokens(self.initial_access_tokens, secrets, problems);
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
            allowed: self.scopes,
            default: self.default_scopes,
        };
        let (scope, default_scope) = scopes.check(servers, problems);
        let policy = RegistrationPolicy {
            open,
            initial_access_tokens,
            max_clients: usize::try_from(max_clients).unwrap_or(usize::MAX),
            unused_seconds: unused_days * DAY,
            offer: Offer {
                grants: check_grants(self.grants, problems),
                scope,
                default_scope,
                private_use_schemes: is(&self.private_use_schemes),
                id_token_algorithms: id_token_algorithms(servers, clients),
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

struct Scopes {
    allowed: Option<Vec<Located<String>>>,
    default: Option<Vec<Located<String>>>,
}

impl Scopes {
    /// What may be registered, and what a client gets that names none.
    fn check(self, servers: &[ResourceServer], problems: &mut Problems) -> (Scope, Scope) {
        let scope = match self.allowed {
            Some(written) => check_known_scopes("registration", &written, servers, problems),
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
                let wrong = format!(
                    "registration.default_scopes has {value:?}, which clients may not register"
                );
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
fn id_token_algorithms(servers: &[ResourceServer], clients: &Clients) -> BTreeSet<Algorithm> {
    let of_servers = servers.iter().map(|server| server.signing_algorithm);
    let of_clients = clients.values().map(|client| client.id_token_algorithm);
    of_servers
        .chain(of_clients)
        .chain([Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA])
        .collect()
}
