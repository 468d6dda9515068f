//! The audit log.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::answer::blocking;
use super::tokens::{BY_SUBJECT, subject_of};
use super::{Admin, Answer, Refusal};
use crate::audit::AuditEvent;
use crate::clock::UnixSeconds;
use crate::store::{AuditFilter, AuditPage, AuditStore as _, MAX_AUDIT_PAGE};

/// Where it is read.
pub const AUDIT: &str = "/audit";

/// Which entries: those to which all of it applies.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Not before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<UnixSeconds>,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixSeconds>,
    /// Of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// About the user of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// About the user with this `sub`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// About this client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// With a number below this: the `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// How many; 1000 at most, and by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

/// `GET /audit`: the newest first.
pub(super) async fn read(
    State(admin): State<Admin>,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Answer<AuditPage> {
    let Query(query) = query?;
    blocking(move || {
        let app = admin.current.app();
        let subject = match (query.user, query.subject) {
            (Some(_), Some(_)) => {
                let both = "a user is named by name or by subject: leave one of the two out";
                return Err(Refusal::Invalid(both.to_owned()));
            }
            (Some(name), None) => Some(subject_of(&app, &name, BY_SUBJECT)?),
            (None, subject) => subject,
        };
        if let Some(event) = &query.event {
            check_event(event)?;
        }
        Ok(app.store.audit(&AuditFilter {
            since: query.since,
            until: query.until,
            event: query.event,
            subject,
            client_id: query.client_id,
            before: query.before,
            limit: query.limit.unwrap_or(MAX_AUDIT_PAGE),
        })?)
    })
    .await
}

/// A name that is none would find nothing, and say that there was nothing.
fn check_event(event: &str) -> Result<(), Refusal> {
    if AuditEvent::NAMES.contains(&event) {
        return Ok(());
    }
    Err(Refusal::Invalid(format!(
        "there is no event {event:?}; there are {}",
        AuditEvent::NAMES.join(", ")
    )))
}
