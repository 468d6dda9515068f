//! Clients and users that are not in the file: each is written as its table would be there, and checked
//! by the same rules.

use super::error::Problems;
use super::{clients, file, grants, users};
use crate::protocol::{AuthorizationServer, Client, User};

/// What is wrong with a table, a sentence or two each: what, and what to write instead.
pub type Mistakes = Vec<String>;

/// Checks a client that is written as one of the `[[clients]]`, for the resource servers and under the
/// issuer of `server`. It has no secret in plain text and names no file. Whether its id is taken
/// is not asked.
///
/// # Errors
/// [`Mistakes`], all of them; of a text that is no such table, the first.
pub fn check_client(table: &str, server: &AuthorizationServer) -> Result<Client, Mistakes> {
    let table = file::read(table).map_err(Problems::sentences)?;
    let mut problems = Problems::default();
    let client = clients::check_added(table, server, &mut problems);
    match client {
        Some(client) if problems.is_empty() => Ok(client),
        _ => Err(problems.sentences()),
    }
}

/// What is allowed for a client but unwise, a sentence each.
pub fn warnings(client: &Client) -> impl Iterator<Item = String> {
    grants::legacy_warnings(client)
}

/// The same as [`check_client`] for a user, written as one of the `[[users]]`. No subject is that of a
/// client.
///
/// # Errors
/// [`Mistakes`], likewise.
pub fn check_user(table: &str, server: &AuthorizationServer) -> Result<User, Mistakes> {
    let table = file::read(table).map_err(Problems::sentences)?;
    let mut problems = Problems::default();
    let user = users::check_added(table, server, &mut problems);
    if problems.is_empty() {
        Ok(user)
    } else {
        Err(problems.sentences())
    }
}
