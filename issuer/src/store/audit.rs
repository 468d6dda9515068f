//! The audit log as it is kept.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::audit::{AuditEvent, Caller, Facts};
use crate::clock::UnixSeconds;

/// The most entries that one call gives.
pub const MAX_AUDIT_PAGE: usize = 1000;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditLimits {
    /// Entries of acts, and as many of attempts: neither pushes the other out. The oldest go.
    pub max_entries: usize,
    /// How long each is kept, in seconds.
    pub keep_seconds: UnixSeconds,
}

impl Default for AuditLimits {
    fn default() -> Self {
        Self {
            max_entries: 100_000,
            keep_seconds: 90 * 24 * 60 * 60,
        }
    }
}

/// One entry. Names and facts are those of [`AuditEvent`], also those of another version's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Its number; a later one has a higher one.
    pub number: u64,
    /// What it says.
    #[serde(flatten)]
    pub stored: StoredAudit,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAudit {
    /// When it happened.
    pub at: UnixSeconds,
    /// The name of the event.
    pub event: String,
    /// How many attempts it stands for; 1 for an act.
    pub count: u64,
    /// The request's id.
    pub request_id: Option<String>,
    /// The client's address.
    pub address: Option<IpAddr>,
    /// All else, by name: `subject`, `client_id` and so on.
    pub facts: Facts,
}

impl StoredAudit {
    /// A fact.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.get(name).map(String::as_str)
    }
}

/// Which entries to give: those to which all of it applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Not before.
    pub since: Option<UnixSeconds>,
    /// Before.
    pub until: Option<UnixSeconds>,
    /// Of this name.
    pub event: Option<String>,
    /// About this user.
    pub subject: Option<String>,
    /// About this client.
    pub client_id: Option<String>,
    /// With a number below this: the [`AuditPage::next`] of the page before.
    pub before: Option<u64>,
    /// How many; never more than [`MAX_AUDIT_PAGE`].
    pub limit: usize,
}

impl AuditFilter {
    /// Whether all but `before` and `limit` applies.
    pub fn admits(&self, entry: &StoredAudit) -> bool {
        let is = |wanted: &Option<String>, value: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == value
        };
        self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
            && is(&self.event, Some(&entry.event))
            && is(&self.subject, entry.fact("subject"))
            && is(&self.client_id, entry.fact("client_id"))
    }
}

/// Some entries, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Where to go on; `None` when there are no more.
    pub next: Option<u64>,
}

/// Where the audit log is kept.
pub trait AuditStore: Send + Sync {
    /// Adds an event, or counts it if there were many like it. It is on disk with the next flush:
    /// what is written after it is not on disk without it. Nothing waits here.
    ///
    /// # Errors
    /// [`StoreError`]; what the event is about must then not be done.
    fn add_audit(
        &self,
        at: UnixSeconds,
        caller: Caller<'_>,
        event: &AuditEvent,
    ) -> Result<(), StoreError>;

    /// The entries that the filter admits, the newest first. May read all there are: call it where
    /// a thread may wait.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn audit(&self, filter: &AuditFilter) -> Result<AuditPage, StoreError>;
}
