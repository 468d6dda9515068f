//! What a reload changes, by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::protocol::AuthorizationServer;

/// So many names of a kind are logged; the answer to a command has them all.
const MOST_NAMES: usize = 20;

/// What is different.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// By `client_id`.
    pub clients: Difference,
    /// By username.
    pub users: Difference,
    /// By audience.
    pub resource_servers: Difference,
    /// By `iss`.
    pub trusted_issuers: Difference,
    /// The tables of single values in which something is different.
    pub settings: Vec<String>,
}

/// Names that came, that went, and that stand for something else now; each in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Were not there before.
    pub added: Vec<String>,
    /// Are not there any more.
    pub removed: Vec<String>,
    /// Were there and are.
    pub changed: Vec<String>,
}

impl Changes {
    pub(super) fn between(old: &AuthorizationServer, new: &AuthorizationServer) -> Self {
        let settings = [
            ("tokens", old.lifetimes != new.lifetimes),
            ("registration", old.registration != new.registration),
            (
                "client_id_metadata",
                old.client_id_metadata != new.client_id_metadata,
            ),
        ];
        let settings = settings.into_iter().filter(|(_, changed)| *changed);
        let order = |server: &AuthorizationServer| -> Vec<String> {
            let servers = server.resource_servers.iter();
            servers.map(|server| server.audience.clone()).collect()
        };
        let mut resource_servers = difference(
            of(old.resource_servers.iter(), |server| &server.audience),
            of(new.resource_servers.iter(), |server| &server.audience),
        );
        // Who names none gets the first.
        if resource_servers.is_empty() && order(old) != order(new) {
            resource_servers.changed = order(new);
        }
        Self {
            clients: difference(
                of(old.clients.values(), |client| client.id.as_str()),
                of(new.clients.values(), |client| client.id.as_str()),
            ),
            users: difference(
                of(old.users.iter(), |user| &user.username),
                of(new.users.iter(), |user| &user.username),
            ),
            resource_servers,
            trusted_issuers: difference(
                of(old.trusted_issuers.iter(), |trusted| &trusted.issuer),
                of(new.trusted_issuers.iter(), |trusted| &trusted.issuer),
            ),
            settings: settings.map(|(table, _)| table.to_owned()).collect(),
        }
    }
}

fn of<'a, T>(
    things: impl Iterator<Item = &'a T>,
    name: impl Fn(&'a T) -> &'a str,
) -> BTreeMap<&'a str, &'a T> {
    things.map(|thing| (name(thing), thing)).collect()
}

fn difference<T: PartialEq>(old: BTreeMap<&str, &T>, new: BTreeMap<&str, &T>) -> Difference {
    let mut difference = Difference::default();
    let names: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
    for name in names {
        let list = match (old.get(name), new.get(name)) {
            (None, _) => &mut difference.added,
            (Some(_), None) => &mut difference.removed,
            (Some(old), Some(new)) if old != new => &mut difference.changed,
            (Some(_), Some(_)) => continue,
        };
        list.push(name.to_owned());
    }
    difference
}

impl Difference {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// One line: `clients: added "a", removed "b"; users: changed "alice"`.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for (kind, difference) in [
            ("clients", &self.clients),
            ("users", &self.users),
            ("resource servers", &self.resource_servers),
            ("trusted issuers", &self.trusted_issuers),
        ] {
            if !difference.is_empty() {
                parts.push(format!("{kind}: {difference}"));
            }
        }
        if !self.settings.is_empty() {
            parts.push(format!(
                "settings: changed [{}]",
                self.settings.join("], [")
            ));
        }
        if parts.is_empty() {
            return f.write_str("nothing is different");
        }
        f.write_str(&parts.join("; "))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = [
            ("added", &self.added),
            ("removed", &self.removed),
            ("changed", &self.changed),
        ]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(verb, names)| format!("{verb} {}", listed(names)))
        .collect();
        f.write_str(&parts.join(", "))
    }
}

fn listed(names: &[String]) -> String {
    let shown = names
        .iter()
        .take(MOST_NAMES)
        .map(|name| format!("{name:?}"));
    let mut shown = shown.collect::<Vec<_>>().join(" ");
    if let Some(more) = names.len().checked_sub(MOST_NAMES).filter(|more| *more > 0) {
        shown.push_str(&format!(" and {more} more"));
    }
    shown
}
