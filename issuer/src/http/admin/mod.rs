//! The admin API: what the commands of this program ask the running issuer for, since only one
//! process may have the store open. One file per thing that is administered.
//!
//! A body is JSON in both directions, but for a backup. What is refused is `error` and
//! `error_description` with a status, as everywhere else; the description says what to do.

mod acting;
mod answer;
pub mod audit;
mod backup;
pub mod clients;
pub mod keys;
mod listener;
mod reload;
mod routes;
pub mod standing;
mod table;
#[cfg(test)]
mod tests;
pub mod tokens;
pub mod users;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::{Method, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub use self::answer::{Answer, Refusal};
pub use self::listener::{AdminListener, SOCKET, at_socket};
pub use self::reload::Reload;
use super::{Current, responses};
use crate::reload::Reloader;
use crate::store::backup::Export;
use crate::turning::SigningKeys;

/// Where a backup is asked for.
pub const BACKUP: &str = "/backup";
/// Where the configuration is asked to count anew.
pub const RELOAD: &str = "/reload";

/// What this issuer does not know: a command of another version asks for it.
async fn unknown(method: Method, uri: Uri) -> Refusal {
    Refusal::NotFound(format!(
        "the running issuer is of version {} and has no {method} {}: use the command line program of that version, or restart the issuer after an upgrade",
        env!("CARGO_PKG_VERSION"),
        uri.path()
    ))
}

/// The longest body that a command sends, in bytes.
const LONGEST_BODY: usize = 256 * 1024;

/// What the commands have to do with.
#[derive(Clone)]
pub struct Admin {
    /// What requests are answered from, and where that is changed.
    pub current: Current,
    /// What backups are made of.
    pub export: Arc<dyn Export>,
    /// The signing keys, and where they are changed.
    pub keys: Arc<SigningKeys>,
    /// Where what cannot be changed here can be.
    pub config_file: PathBuf,
    /// What reads the configuration again.
    pub reloader: Arc<Reloader>,
}

impl FromRef<Admin> for Arc<SigningKeys> {
    fn from_ref(admin: &Admin) -> Self {
        admin.keys.clone()
    }
}

impl FromRef<Admin> for Current {
    fn from_ref(admin: &Admin) -> Self {
        admin.current.clone()
    }
}

impl FromRef<Admin> for Arc<dyn Export> {
    fn from_ref(admin: &Admin) -> Self {
        admin.export.clone()
    }
}

impl FromRef<Admin> for Arc<Reloader> {
    fn from_ref(admin: &Admin) -> Self {
        admin.reloader.clone()
    }
}

/// The path of a thing whose place `template` is, with its name in the place of what is in braces.
pub fn path_of(template: &str, name: &str) -> String {
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    match (template.split_once('{'), template.split_once('}')) {
        (Some((before, _)), Some((_, after))) => format!("{before}{name}{after}"),
        _ => template.to_owned(),
    }
}

/// The routes.
pub fn router(admin: Admin) -> Router {
    let mut router = Router::new();
    for route in routes::routes() {
        router = router.route(route.path, route.handler);
    }
    router
        .fallback(unknown)
        .method_not_allowed_fallback(responses::method_not_allowed)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(admin)
}
