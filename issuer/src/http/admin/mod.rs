//! The admin API: what the commands of this program ask the running issuer for, since only one
//! process may have the store open. One file per thing that is administered.
//!
//! A body is JSON in both directions, but for a backup. What is refused is `error` and
//! `error_description` with a status, as everywhere else; the description says what to do.

mod answer;
mod backup;
pub mod keys;
mod listener;
mod reload;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::{get, post};

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

/// The routes.
pub fn router(admin: Admin) -> Router {
    Router::new()
        .route(BACKUP, post(backup::make))
        .route(keys::LIST, get(keys::list))
        .route(keys::ROTATE, post(keys::rotate))
        .route(keys::IMPORT, post(keys::import))
        .route(RELOAD, post(reload::make))
        .fallback(responses::not_found)
        .method_not_allowed_fallback(responses::method_not_allowed)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(admin)
}
