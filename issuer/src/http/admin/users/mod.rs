//! Users: who there is, and those that are added while the issuer runs.

mod change;
mod shown;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(super) use self::shown::is_subject;
use super::answer::blocking;
use super::standing::{Source, Standing};
use super::{Admin, Answer};
use crate::clock::UnixSeconds;
use crate::store::Ended;

/// Where users are listed and added.
pub const USERS: &str = "/users";
/// Where one is removed.
pub const USER: &str = "/users/{username}";
/// Where one is given another password.
pub const PASSWORD: &str = "/users/{username}/password";
/// Where one is shut out.
pub const DISABLE: &str = "/users/{username}/disable";
/// Where one is let in again.
pub const ENABLE: &str = "/users/{username}/enable";

/// Every user, by name.
#[derive(Debug, Serialize, Deserialize)]
pub struct Users {
    /// Each once.
    pub users: Vec<UserInfo>,
}

/// A user, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    /// The name to log in with.
    pub username: String,
    /// The `sub` of the user's tokens; `null` of one that is left out and has none of its own.
    pub subject: Option<String>,
    /// Where the user comes from.
    pub source: Source,
    /// Whether the user counts.
    pub standing: Standing,
    /// The most that may be granted in the user's name.
    pub scopes: Vec<String>,
    /// Full name.
    pub name: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Logins before this count no more.
    pub logins_since: UnixSeconds,
    /// When the user was added; `null` of those in the configuration.
    pub added_at: Option<UnixSeconds>,
}

/// Another password.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// Argon2id, as a PHC string.
    pub password_hash: String,
    /// Whether sessions, codes and refresh tokens go on.
    #[serde(default)]
    pub keep_sessions: bool,
}

/// A user, and what has ended.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedUser {
    /// As the user is now, or was.
    pub user: UserInfo,
    /// What is dead from now on.
    pub ended: Ended,
}

type Name = Result<Path<String>, PathRejection>;

/// `GET /users`.
pub(super) async fn list(State(admin): State<Admin>) -> Answer<Users> {
    blocking(move || {
        let users = shown::all(&admin.current.app())?;
        Ok(Users { users })
    })
    .await
}

/// `POST /users`: the body is a user as one of the `[[users]]` of the configuration.
pub(super) async fn add(
    State(admin): State<Admin>,
    body: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Answer<UserInfo> {
    let Json(user) = body?;
    blocking(move || change::add(&admin, user)).await
}

/// `POST /users/{username}/password`.
pub(super) async fn set_password(
    State(admin): State<Admin>,
    name: Name,
    body: Result<Json<NewPassword>, JsonRejection>,
) -> Answer<ChangedUser> {
    let (Path(name), Json(password)) = (name?, body?);
    blocking(move || change::set_password(&admin, &name, &password)).await
}

/// `POST /users/{username}/disable`.
pub(super) async fn disable(State(admin): State<Admin>, name: Name) -> Answer<ChangedUser> {
    let Path(name) = name?;
    blocking(move || change::disable(&admin, &name)).await
}

/// `POST /users/{username}/enable`.
pub(super) async fn enable(State(admin): State<Admin>, name: Name) -> Answer<UserInfo> {
    let Path(name) = name?;
    blocking(move || change::enable(&admin, &name)).await
}

/// `DELETE /users/{username}`.
pub(super) async fn remove(State(admin): State<Admin>, name: Name) -> Answer<ChangedUser> {
    let Path(name) = name?;
    blocking(move || change::remove(&admin, &name)).await
}
