//! What was granted: what a user has granted, and the end of it.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use dockgate_token::ClientId;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use super::answer::blocking;
use super::users::is_subject;
use super::{Admin, Answer, Refusal, table};
use crate::audit::AuditEvent;
use crate::clock::UnixSeconds;
use crate::http::App;
use crate::store::{
    AdditionStore as _, Consents, EndStore as _, Ended, GrantId, GrantStore as _, StoredGrant,
    Whose,
};

/// Where the grants of a user are listed.
pub const FAMILIES: &str = "/users/{username}/families";
/// Where all of a user's or a client's is revoked, or one family.
pub const REVOKE: &str = "/tokens/revoke";

/// The most grants of a user that are listed.
pub const MOST_FAMILIES: usize = 1000;

/// What a user has granted, the latest first.
#[derive(Debug, Serialize, Deserialize)]
pub struct Families {
    /// The latest [`MOST_FAMILIES`] of them.
    pub families: Vec<Family>,
    /// How many there are.
    pub total: usize,
}

/// A grant, with the refresh tokens and access tokens that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// Its name, which the audit log calls `grant_id`.
    pub id: String,
    /// The client.
    pub client_id: ClientId,
    /// All that was granted.
    pub scope: String,
    /// For which resource server.
    pub audience: String,
    /// Whether there are refresh tokens.
    pub refreshes: bool,
    /// When the user granted it.
    pub granted_at: UnixSeconds,
    /// When it ends if it is not used.
    pub expires_at: UnixSeconds,
}

/// What is to be revoked: one of these.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revoke {
    /// All of the user's of this name.
    User(String),
    /// All of the user's with this `sub`, also of one that is gone.
    Subject(String),
    /// All of the client's of this id, also of one that is gone.
    ClientId(ClientId),
    /// The one family of this name.
    Family(String),
}

/// `GET /users/{username}/families`.
pub(super) async fn families(
    State(admin): State<Admin>,
    name: Result<Path<String>, PathRejection>,
) -> Answer<Families> {
    let Path(name) = name?;
    blocking(move || {
        let app = admin.current.app();
        let gone = "of one that is gone `audit --subject SUB` tells what was granted, and `token revoke --subject SUB` ends what is left";
        let subject = subject_of(&app, &name, gone)?;
        let grants = app.store.grants_of(&subject, (app.clock)());
        let mut grants = Handle::current().block_on(grants)?;
        grants.sort_by_key(|(id, grant)| (std::cmp::Reverse(grant.granted_at), *id));
        Ok(Families {
            total: grants.len(),
            families: grants
                .into_iter()
                .take(MOST_FAMILIES)
                .map(Family::of)
                .collect(),
        })
    })
    .await
}

/// `POST /tokens/revoke`.
pub(super) async fn revoke(
    State(admin): State<Admin>,
    body: Result<Json<Revoke>, JsonRejection>,
) -> Answer<Ended> {
    let Json(revoke) = body?;
    blocking(move || match revoke {
        Revoke::Family(id) => one_family(&admin, &id),
        Revoke::ClientId(client_id) => all_of_client(&admin, client_id),
        Revoke::Subject(subject) => all_of_user(&admin, subject),
        Revoke::User(name) => {
            let subject = subject_of(&admin.current.app(), &name, BY_SUBJECT)?;
            all_of_user(&admin, subject)
        }
    })
    .await
}

fn one_family(admin: &Admin, text: &str) -> Result<Ended, Refusal> {
    let app = admin.current.app();
    let not_there = || {
        Refusal::NotFound(format!(
            "there is no family {text:?}, or it has ended: `token families --user NAME` shows those there are"
        ))
    };
    let id = GrantId::from_text(text).ok_or_else(not_there)?;
    let grant = Handle::current().block_on(app.store.grant(id, (app.clock)()))?;
    let grant = grant.ok_or_else(not_there)?;
    let event = AuditEvent::GrantRevoked {
        subject: grant.subject,
        client_id: grant.client_id,
        grant_id: id,
        reason: "operator",
    };
    admin.record(&app, &event)?;
    Handle::current().block_on(app.store.remove_grant(id))?;
    Ok(Ended {
        grants: 1,
        ..Ended::default()
    })
}

fn all_of_user(admin: &Admin, subject: String) -> Result<Ended, Refusal> {
    let app = admin.current.app();
    let whose = Whose::User(&subject);
    let event = AuditEvent::UserRevoked {
        subject: subject.clone(),
        grants: app.store.count_grants(whose, (app.clock)())?,
    };
    admin.record(&app, &event)?;
    let ended = admin.end(whose, Consents::Kept)?;
    // A slip of the hand must not look like a theft that is over.
    if ended == Ended::default() && !is_subject(&app, &subject)? {
        return Err(Refusal::NotFound(format!(
            "nobody has the subject {subject:?}, and there was nothing of such a user to end: `user list` shows the subjects there are, `audit` those of users who are gone"
        )));
    }
    Ok(ended)
}

fn all_of_client(admin: &Admin, client_id: ClientId) -> Result<Ended, Refusal> {
    let app = admin.current.app();
    let whose = Whose::Client(&client_id);
    let grants = app.store.count_grants(whose, (app.clock)())?;
    let is_known = app.server.clients.contains_key(&client_id)
        || app.store.added_client(client_id.as_str())?.is_some();
    if grants == 0 && !is_known {
        return Err(Refusal::NotFound(format!(
            "there is no client \"{client_id}\", and nothing that was granted to one: `client list` shows those there are"
        )));
    }
    let event = AuditEvent::ClientRevoked {
        client_id: client_id.clone(),
        grants,
    };
    admin.record(&app, &event)?;
    admin.end(whose, Consents::Kept)
}

/// What else there is for a user who is gone.
pub(super) const BY_SUBJECT: &str = "`--subject` is for one that is gone";

/// The `sub` of the user of that name, who may be disabled. `gone` says what to do where the user is gone.
pub(super) fn subject_of(app: &App, name: &str, gone: &str) -> Result<String, Refusal> {
    if let Some(user) = app.server.users.by_name(name) {
        return Ok(user.subject.clone());
    }
    let not_there = || {
        Refusal::NotFound(format!(
            "there is no user {name:?}: `user list` shows those there are, and {gone}"
        ))
    };
    let stored = app.store.added_user(name)?.ok_or_else(not_there)?;
    table::text(&table::read(&stored.table)?, "subject")
}

impl Family {
    fn of((id, grant): (GrantId, StoredGrant)) -> Self {
        Self {
            id: id.to_text(),
            client_id: grant.client_id,
            scope: grant.scope.to_string(),
            audience: grant.audience,
            refreshes: grant.refresh.is_some(),
            granted_at: grant.granted_at,
            expires_at: grant.expires_at,
        }
    }
}
