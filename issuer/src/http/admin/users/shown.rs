//! Users as they are shown.

use serde::Deserialize;

use super::{Source, Standing, UserInfo};
use crate::http::App;
use crate::http::admin::{Refusal, table};
use crate::protocol::User;
use crate::store::{AdditionStore as _, StoredUser};

/// What is shown of a table.
#[derive(Deserialize)]
struct Shown {
    subject: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    name: Option<String>,
    email: Option<String>,
    #[serde(default)]
    logins_since: u64,
}

/// Every user, by name.
pub(super) fn all(app: &App) -> Result<Vec<UserInfo>, Refusal> {
    let mut users: Vec<_> = app.server.users.configured().map(configured).collect();
    for stored in app.store.added_users()? {
        users.push(added(&stored, app)?);
    }
    users.sort_by(|one, other| one.username.cmp(&other.username));
    Ok(users)
}

/// Whether somebody has it, who may be disabled.
pub(in crate::http::admin) fn is_subject(app: &App, subject: &str) -> Result<bool, Refusal> {
    let theirs = |user: &UserInfo| user.subject.as_deref() == Some(subject);
    Ok(all(app)?.iter().any(theirs))
}

fn configured(user: &User) -> UserInfo {
    UserInfo {
        username: user.username.clone(),
        subject: Some(user.subject.clone()),
        source: Source::Configuration,
        standing: Standing::Active,
        scopes: user.scope.iter().map(str::to_owned).collect(),
        name: user.profile.name.clone(),
        email: user.profile.email.clone(),
        logins_since: user.logins_since,
        added_at: None,
    }
}

/// One that was added, whether it counts or not.
pub(super) fn added(stored: &StoredUser, app: &App) -> Result<UserInfo, Refusal> {
    let table = table::read(&stored.table)?;
    let shown: Shown = table
        .try_into()
        .map_err(|error| Refusal::Failed(format!("the store has a strange user: {error}")))?;
    let user = app.server.users.by_name(&stored.username);
    let derived = user.map(|user| user.subject.clone());
    Ok(UserInfo {
        username: stored.username.clone(),
        subject: shown.subject.or(derived),
        source: Source::Operator,
        standing: Standing::of(stored.disabled, user.is_some()),
        scopes: shown.scopes,
        name: shown.name,
        email: shown.email,
        logins_since: shown.logins_since,
        added_at: Some(stored.added_at),
    })
}
