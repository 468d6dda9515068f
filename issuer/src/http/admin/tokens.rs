//! What was granted: what a user has granted, and the end of it.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use dockgate_token::ClientId;
use serde::{Deserialize, Serialize};

use super::answer::blocking;
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
    let app = admin.current.app();
    let subject = subject_of(&app, &name)?;
    let mut grants = app.store.grants_of(&subject, (app.clock)()).await?;
    grants.sort_by_key(|(id, grant)| (std::cmp::Reverse(grant.granted_at), *id));
    Ok(Json(Families {
        total: grants.len(),
        families: grants
            .into_iter()
            .take(MOST_FAMILIES)
            .map(Family::of)
            .collect(),
    }))
}

/// `POST /tokens/revoke`.
pub(super) async fn revoke(
    State(admin): State<Admin>,
    body: Result<Json<Revoke>, JsonRejection>,
) -> Answer<Ended> {
    let Json(revoke) = body?;
    match revoke {
        Revoke::Family(id) => one_family(&admin, &id).await,
        Revoke::ClientId(client_id) => blocking(move || all_of_client(&admin, client_id)).await,
        Revoke::Subject(subject) => blocking(move || all_of_user(&admin, subject)).await,
        Revoke::User(name) => {
            let subject = subject_of(&admin.current.app(), &name)?;
            blocking(move || all_of_user(&admin, subject)).await
        }
    }
}

async fn one_family(admin: &Admin, text: &str) -> Answer<Ended> {
    let app = admin.current.app();
    let not_there = || {
        Refusal::NotFound(format!(
            "there is no family {text:?}, or it has ended: `token families --user NAME` shows those there are"
        ))
    };
    let id = GrantId::from_text(text).ok_or_else(not_there)?;
    let grant = app.store.grant(id, (app.clock)()).await?;
    let grant = grant.ok_or_else(not_there)?;
    let event = AuditEvent::GrantRevoked {
        subject: grant.subject,
        client_id: grant.client_id,
        grant_id: id,
        reason: "operator",
    };
    admin.record(&app, &event)?;
    app.store.remove_grant(id).await?;
    Ok(Json(Ended {
        grants: 1,
        ..Ended::default()
    }))
}

fn all_of_user(admin: &Admin, subject: String) -> Result<Ended, Refusal> {
    let app = admin.current.app();
    let whose = Whose::User(&subject);
    let event = AuditEvent::UserRevoked {
        subject: subject.clone(),
        grants: app.store.count_grants(whose, (app.clock)())?,
    };
    admin.record(&app, &event)?;
    admin.end(whose, Consents::Kept)
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

/// The `sub` of the user of that name, who may be disabled.
pub(super) fn subject_of(app: &App, name: &str) -> Result<String, Refusal> {
    if let Some(user) = app.server.users.by_name(name) {
        return Ok(user.subject.clone());
    }
    let not_there = || {
        Refusal::NotFound(format!(
            "there is no user {name:?}: `user list` shows those there are, and `--subject` is for one that is gone"
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
