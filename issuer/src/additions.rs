//! Clients and users that were added while the issuer ran, put beside those of the configuration.

use std::fmt;

use crate::config::additions::{Mistakes, check_client, check_user, warnings};
use crate::protocol::{AuthorizationServer, Client, Provenance, User};
use crate::store::{AddedBy, AdditionStore, StoreError, StoredClient, StoredUser};

/// Why what was added cannot be put beside the configuration.
#[derive(Debug)]
pub enum AdditionError {
    /// The store failed.
    Store(StoreError),
    /// A name is in both.
    Taken(Taken),
}

/// A name that two would have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The configuration has a client of this id.
    ClientId(String),
    /// The configuration has a user of this name.
    Username(String),
    /// The user of this name would have the subject of somebody else.
    Subject(String),
    /// The client of this id would have the subject of a user (RFC 9700 §4.15).
    ClientIdIsSubject(String),
}

impl Taken {
    /// What to do about it.
    pub const REMEDY: &str = "Give the one in the file another name, or take it out and remove the other one while the issuer runs";
}

impl From<StoreError> for AdditionError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for AdditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Taken(taken) => write!(f, "{taken}. {}", Taken::REMEDY),
        }
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientId(id) => write!(
                f,
                "client \"{id}\" is in the configuration and was also added while the issuer ran"
            ),
            Self::Username(name) => write!(
                f,
                "user {name:?} is in the configuration and was also added while the issuer ran"
            ),
            Self::Subject(name) => write!(
                f,
                "user {name:?}, who was added while the issuer ran, has the subject of somebody in the configuration"
            ),
            Self::ClientIdIsSubject(id) => write!(
                f,
                "client \"{id}\", which was added while the issuer ran, has the subject of a user for an id"
            ),
        }
    }
}

/// Puts what `store` has beside what is configured. What the configuration has no room for any more,
/// such as a client with a scope that no resource server defines now, is left out: a sentence each
/// says so, with what is allowed but unwise.
///
/// # Errors
/// [`AdditionError`] when the store fails or a name is in both.
pub fn load(
    store: &impl AdditionStore,
    server: &mut AuthorizationServer,
) -> Result<Vec<String>, AdditionError> {
    let mut sentences = Vec::new();
    let mut left_out_clients = Vec::new();
    for stored in store.added_clients()? {
        match client(&stored, server).map_err(AdditionError::Taken)? {
            _ if stored.disabled => {}
            Ok(client) => {
                sentences.extend(warnings(&client));
                server.clients.add(client);
            }
            Err(mistakes) => left_out_clients.push((stored, mistakes)),
        }
    }
    sentences.extend(sentences_about(&left_out_clients));
    for stored in store.added_users()? {
        match user(&stored, server).map_err(AdditionError::Taken)? {
            _ if stored.disabled => {}
            Ok(user) => server.users.add(user),
            Err(mistakes) => sentences.push(left_out("user", &stored.username, &mistakes)),
        }
    }
    Ok(sentences)
}

/// A sentence for each client that the operator added, and one for all that registered themselves: there
/// may be thousands of those, left out for the same reason.
fn sentences_about(left_out_clients: &[(StoredClient, Mistakes)]) -> Vec<String> {
    let (registered, by_operator): (Vec<_>, Vec<_>) = left_out_clients
        .iter()
        .partition(|(client, _)| client.added_by == AddedBy::Registration);
    let by_operator = by_operator.into_iter();
    let mut sentences: Vec<_> = by_operator
        .map(|(client, mistakes)| left_out("client", &client.client_id, mistakes))
        .collect();
    if let Some((client, mistakes)) = registered.first() {
        let count = registered.len();
        let first = left_out("client", &client.client_id, mistakes);
        sentences.push(format!(
            "{count} of the clients that registered themselves are left out, among them: {first}"
        ));
    }
    sentences
}

fn left_out(what: &str, name: &str, mistakes: &Mistakes) -> String {
    let mistakes = mistakes.join(" ");
    format!("{what} {name:?}, added while the issuer ran, is left out: {mistakes}")
}

/// What a record says, if nobody else has its names.
///
/// # Errors
/// [`Taken`].
pub fn client(
    stored: &StoredClient,
    server: &AuthorizationServer,
) -> Result<Result<Client, Mistakes>, Taken> {
    let id = &stored.client_id;
    let parsed = id.parse().ok();
    if parsed.is_some_and(|id| server.clients.is_configured(&id)) {
        return Err(Taken::ClientId(id.clone()));
    }
    if server.users.by_subject(id).is_some() {
        return Err(Taken::ClientIdIsSubject(id.clone()));
    }
    let checked = check_client(&stored.table, server);
    Ok(checked.map(|client| Client {
        provenance: match stored.added_by {
            AddedBy::Operator => Provenance::Operator,
            AddedBy::Registration => Provenance::Registration,
        },
        ..client
    }))
}

/// The same as [`client`] for a user.
///
/// # Errors
/// [`Taken`].
pub fn user(
    stored: &StoredUser,
    server: &AuthorizationServer,
) -> Result<Result<User, Mistakes>, Taken> {
    let name = &stored.username;
    if server.users.is_configured(name) {
        return Err(Taken::Username(name.clone()));
    }
    let checked = check_user(&stored.table, server);
    if let Ok(user) = &checked {
        let owner = server.users.by_subject(&user.subject);
        if owner.is_some_and(|owner| owner.username != *name) {
            return Err(Taken::Subject(name.clone()));
        }
    }
    Ok(checked)
}

#[cfg(test)]
#[path = "additions/tests.rs"]
mod tests;
