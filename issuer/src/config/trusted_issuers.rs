//! `[[trusted_issuers]]`: others whose assertions are taken for tokens (RFC 7523 §2.1).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use dockgate_token::{ClientId, Issuer, Scope};
use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::key_sets::WrittenKeys;
use super::located::{Located, Place};
use crate::protocol::{AssertedSubject, Clients, Grant, ResourceServer, TrustedIssuer, Users};

/// Others whose assertions are taken for tokens (RFC 7523 §2.1). None by default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TrustedIssuerTable {
    /// The `iss` of its assertions, 1 to 1024 visible ASCII characters.
    #[cfg_attr(test, schemars(extend("examples" = ["https://ci.example.com"])))]
    issuer: Located<String>,
    /// Its public keys, as for clients; one of `jwks` and `jwks_file` is required. What an
    /// assertion gets must not depend on what another server answers today; whoever rotates their
    /// keys has to be followed here.
    jwks: Option<Located<String>>,
    /// A file with that, relative to the configuration.
    #[cfg_attr(test, schemars(extend("examples" = ["ci.jwks.json"])))]
    jwks_file: Option<Located<String>>,
    /// Who may bring its assertions; each needs the grant.
    #[cfg_attr(test, schemars(extend("examples" = [["robot"]])))]
    clients: Vec<Located<String>>,
    /// The most that may be had for one: scopes of resource servers, none of OpenID Connect, as no
    /// user has logged in.
    #[cfg_attr(test, schemars(extend("examples" = [["api:read"]])))]
    scopes: Vec<Located<String>>,
    /// Which user each `sub` stands for, by username. Whoever is not listed gets nothing: nobody
    /// becomes a user here by having an account there.
    #[cfg_attr(test, schemars(extend("examples" = [{"build-7": "alice"}])))]
    #[serde(default)]
    subjects: HashMap<String, Located<String>>,
    /// Each `sub` that stands for the client which brings the assertion.
    #[cfg_attr(test, schemars(extend("examples" = [["robot-at-ci"]])))]
    #[serde(default)]
    client_subjects: Vec<Located<String>>,
    /// How long after it arrives an assertion may end. Long enough for a slow start of a job, short
    /// enough that one found in a log is of no use.
    max_lifetime_seconds: Option<Located<u64>>,
}

/// What the tables refer to.
pub(super) struct Known<'a> {
    pub(super) issuer: Option<&'a Issuer>,
    /// What `jwks_file` is relative to.
    pub(super) directory: &'a Path,
    pub(super) clients: &'a Clients,
    pub(super) servers: &'a [ResourceServer],
    pub(super) users: &'a Users,
}

pub(super) fn check(
    tables: Vec<TrustedIssuerTable>,
    known: &Known<'_>,
    problems: &mut Problems,
) -> Vec<TrustedIssuer> {
    let mut issuers = Vec::new();
    let mut seen = HashSet::new();
    for table in tables {
        check_issuer(&table.issuer, known, &mut seen, problems);
        issuers.extend(check_table(table, known, problems));
    }
    issuers
}

fn check_issuer(
    Located { value, place }: &Located<String>,
    known: &Known<'_>,
    seen: &mut HashSet<String>,
    problems: &mut Problems,
) {
    if value.is_empty() || value.len() > 1024 || !value.bytes().all(|byte| byte.is_ascii_graphic())
    {
        let wrong = format!("trusted issuer {value:?} cannot be used");
        let instead = "Write the iss of its assertions: 1 to 1024 visible ASCII characters";
        problems.add(place, wrong, instead);
    }
    if known.issuer.is_some_and(|own| own.as_str() == value) {
        let wrong = format!("trusted issuer {value:?} is this issuer itself");
        problems.add(place, wrong, "Use token exchange for its own tokens");
    }
    if !seen.insert(value.clone()) {
        let wrong = format!("trusted issuer {value:?} occurs twice");
        problems.add(place, wrong, "Put all about it into one table");
    }
}

fn check_table(
    table: TrustedIssuerTable,
    known: &Known<'_>,
    problems: &mut Problems,
) -> Option<TrustedIssuer> {
    let Located {
        value: issuer,
        place,
    } = table.issuer;
    let whose = format!("trusted issuer {issuer:?}");
    let written = WrittenKeys {
        jwks: table.jwks,
        jwks_file: table.jwks_file,
    };
    if written.place().is_none() {
        let wrong = format!("{whose} has no keys");
        problems.add(&place, wrong, "Add jwks or jwks_file with its public keys");
    }
    let keys = written.check(&whose, known.directory, problems);
    let subjects = check_subjects(
        &whose,
        (table.subjects, table.client_subjects),
        known.users,
        problems,
    );
    let max_lifetime = bounded(
        "max_lifetime_seconds",
        table.max_lifetime_seconds,
        300,
        10..=3600,
        problems,
    );
    Some(TrustedIssuer {
        clients: check_clients(&whose, (&place, table.clients), known.clients, problems),
        scope: check_scopes(&whose, &table.scopes, known.servers, problems),
        keys: keys?,
        issuer,
        subjects,
        max_lifetime,
    })
}

fn check_clients(
    whose: &str,
    (place, written): (&Place, Vec<Located<String>>),
    clients: &Clients,
    problems: &mut Problems,
) -> BTreeSet<ClientId> {
    if written.is_empty() {
        let instead = "List the clients that may bring its assertions";
        problems.add(place, format!("{whose} has no clients"), instead);
    }
    let mut allowed = BTreeSet::new();
    for Located { value, place } in written {
        let client = value.parse().ok().and_then(|id: ClientId| clients.get(&id));
        match client {
            Some(client) if client.grants.contains(&Grant::JwtBearer) => {
                allowed.insert(client.id.clone());
            }
            Some(_) => {
                let wrong = format!("{whose}: client {value:?} may not use assertions");
                let instead = format!("Add {} to its grants, or remove it here", Grant::JwtBearer);
                problems.add(&place, wrong, instead);
            }
            None => {
                let wrong = format!("{whose}: client {value:?} is unknown");
                problems.add(&place, wrong, "Write the client_id of one of the clients");
            }
        }
    }
    allowed
}

fn check_scopes(
    whose: &str,
    written: &[Located<String>],
    servers: &[ResourceServer],
    problems: &mut Problems,
) -> Scope {
    for Located { value, place } in written {
        let mut own = servers.iter().flat_map(|server| &server.scopes);
        if !own.any(|scope| scope.name == *value) {
            let wrong = format!("{whose}: scope {value:?} is of no resource server");
            let instead = "Add it to the scopes of a resource server, or remove it here";
            problems.add(place, wrong, instead);
        }
    }
    Scope::from_tokens(written.iter().map(|scope| &scope.value)).unwrap_or_default()
}

fn check_subjects(
    whose: &str,
    (of_users, of_clients): (HashMap<String, Located<String>>, Vec<Located<String>>),
    users: &Users,
    problems: &mut Problems,
) -> HashMap<String, AssertedSubject> {
    let mut subjects = HashMap::new();
    for (subject, Located { value, place }) in of_users {
        match users.by_name(&value) {
            Some(user) => {
                subjects.insert(subject, AssertedSubject::User(user.subject.clone()));
            }
            None => {
                let wrong = format!("{whose}: {subject:?} stands for the unknown user {value:?}");
                problems.add(&place, wrong, "Write the username of one of the users");
            }
        }
    }
    for Located { value, place } in of_clients {
        let before = subjects.insert(value.clone(), AssertedSubject::Client);
        if before.is_some() {
            let wrong = format!("{whose}: subject {value:?} occurs twice");
            problems.add(&place, wrong, "Keep it in one place");
        }
    }
    subjects
}
