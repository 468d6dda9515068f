//! Changes of the users that were added. Each is on disk, and on record, before a request is
//! answered by it; what it ends is ended before it is answered.

use dockgate_token::encode_segment;
use serde_json::{Map, Value};

use super::shown::{added, all};
use super::{ChangedUser, NewPassword, UserInfo};
use crate::additions;
use crate::audit::AuditEvent;
use crate::http::App;
use crate::http::admin::{Admin, Refusal, table};
use crate::protocol::User;
use crate::store::{AdditionStore as _, Consents, EndStore as _, Ended, StoredUser, Whose};

/// Adds a user. Whatever the store still has under the subject is removed first: nobody inherits
/// sessions or consents by a name.
pub(super) fn add(admin: &Admin, user: Map<String, Value>) -> Result<UserInfo, Refusal> {
    let mut table = table::from_json(user)?;
    let username = table::text(&table, "username")?;
    admin.current.update(|app| {
        let now = (app.clock)();
        if app.store.added_user(&username)?.is_some() {
            return Err(Refusal::Conflict(format!(
                "there is a user {username:?} already: give them another password, or remove them first"
            )));
        }
        match table.get("subject").and_then(toml::Value::as_str) {
            Some(subject) => check_subject(app, subject)?,
            None => {
                let subject = toml::Value::String(fresh_subject(app)?);
                table.insert("subject".to_owned(), subject);
            }
        }
        table
            .entry("logins_since")
            .or_insert_with(|| table::number(now));
        let stored = StoredUser {
            username: username.clone(),
            table: table::write(&table)?,
            added_at: now,
            disabled: false,
        };
        let user = checked(admin, app, &stored)?;
        let subject = user.subject.clone();
        app.store
            .end(Whose::User(&subject), Consents::Forgotten)?;
        admin.record(app, &AuditEvent::UserAdded { subject })?;
        app.store.put_added_user(&stored)?;
        count(app, user);
        added(&stored, app)
    })
}

pub(super) fn set_password(
    admin: &Admin,
    name: &str,
    new: &NewPassword,
) -> Result<ChangedUser, Refusal> {
    let (user, subject) = admin.current.update(|app| {
        let mut stored = find(admin, app, name)?;
        let mut table = table::read(&stored.table)?;
        let hash = toml::Value::String(new.password_hash.clone());
        table.insert("password_hash".to_owned(), hash);
        if !new.keep_sessions {
            // What a request of before adds that is still being answered is dead by this.
            table.insert("logins_since".to_owned(), table::number((app.clock)()));
        }
        stored.table = table::write(&table)?;
        let user = checked(admin, app, &stored)?;
        let subject = user.subject.clone();
        let event = AuditEvent::UserChanged {
            subject: subject.clone(),
        };
        admin.record(app, &event)?;
        app.store.put_added_user(&stored)?;
        if !stored.disabled {
            count(app, user);
        }
        Ok::<_, Refusal>((added(&stored, app)?, subject))
    })?;
    let ended = match new.keep_sessions {
        true => Ended::default(),
        false => end(admin, &subject, Consents::Kept)?,
    };
    Ok(ChangedUser { user, ended })
}

/// All that the user has here ends at once, as nobody of that name is found; then it is removed, so
/// that nothing is back when the user is.
pub(super) fn disable(admin: &Admin, name: &str) -> Result<ChangedUser, Refusal> {
    let user = admin.current.update(|app| {
        let mut stored = find(admin, app, name)?;
        stored.disabled = true;
        let user = added(&stored, app)?;
        if let Some(subject) = user.subject.clone() {
            admin.record(app, &AuditEvent::UserDisabled { subject })?;
        }
        app.store.put_added_user(&stored)?;
        discount(app, name);
        Ok::<_, Refusal>(user)
    })?;
    let ended = end_of(admin, &user, Consents::Kept)?;
    Ok(ChangedUser { user, ended })
}

pub(super) fn enable(admin: &Admin, name: &str) -> Result<UserInfo, Refusal> {
    admin.current.update(|app| {
        let mut stored = find(admin, app, name)?;
        stored.disabled = false;
        let user = checked(admin, app, &stored)?;
        let subject = user.subject.clone();
        // A crash may have come between the two halves of `disable`.
        app.store.end(Whose::User(&subject), Consents::Kept)?;
        admin.record(app, &AuditEvent::UserEnabled { subject })?;
        app.store.put_added_user(&stored)?;
        count(app, user);
        added(&stored, app)
    })
}

pub(super) fn remove(admin: &Admin, name: &str) -> Result<ChangedUser, Refusal> {
    let user = admin.current.update(|app| {
        let stored = find(admin, app, name)?;
        let user = added(&stored, app)?;
        if let Some(subject) = user.subject.clone() {
            admin.record(app, &AuditEvent::UserRemoved { subject })?;
        }
        app.store.remove_added_user(name)?;
        discount(app, name);
        Ok::<_, Refusal>(user)
    })?;
    let ended = end_of(admin, &user, Consents::Forgotten)?;
    Ok(ChangedUser { user, ended })
}

/// One that was added.
fn find(admin: &Admin, app: &App, name: &str) -> Result<StoredUser, Refusal> {
    if app.server.users.is_configured(name) {
        return Err(admin.read_only(&format!("user {name:?}")));
    }
    let stored = app.store.added_user(name)?;
    stored.ok_or_else(|| {
        Refusal::NotFound(format!(
            "there is no user {name:?}: `user list` shows those there are"
        ))
    })
}

fn checked(admin: &Admin, app: &App, stored: &StoredUser) -> Result<User, Refusal> {
    let checked = additions::user(stored, &app.server).map_err(|taken| admin.taken(&taken))?;
    checked.map_err(|mistakes| Refusal::Invalid(mistakes.join(" ")))
}

/// Users who do not count keep their subject too.
fn check_subject(app: &App, subject: &str) -> Result<(), Refusal> {
    let theirs = |user: &UserInfo| user.subject.as_deref() == Some(subject);
    match all(app)?.iter().find(|user| theirs(user)) {
        None => Ok(()),
        Some(owner) => Err(Refusal::Conflict(format!(
            "subject {subject:?} is that of user {:?}: give another one, or none and one is made",
            owner.username
        ))),
    }
}

/// A name that nobody has had: whoever gets a username after somebody else is somebody else to every
/// API (OIDC Core §2, "never reassigned").
fn fresh_subject(app: &App) -> Result<String, Refusal> {
    let mut bytes = [0; 16];
    (app.entropy)(&mut bytes).map_err(|failure| Refusal::Failed(failure.to_string()))?;
    Ok(encode_segment(&bytes))
}

fn count(app: &mut App, user: User) {
    app.server.users.add(user);
    let hashes = app.server.users.password_hashes();
    app.passwords.replace_hashes(hashes);
}

fn discount(app: &mut App, name: &str) {
    app.server.users.remove_added(name);
    let hashes = app.server.users.password_hashes();
    app.passwords.replace_hashes(hashes);
}

fn end_of(admin: &Admin, user: &UserInfo, consents: Consents) -> Result<Ended, Refusal> {
    match &user.subject {
        Some(subject) => end(admin, subject, consents),
        None => Ok(Ended::default()),
    }
}

fn end(admin: &Admin, subject: &str, consents: Consents) -> Result<Ended, Refusal> {
    admin.end(Whose::User(subject), consents)
}
