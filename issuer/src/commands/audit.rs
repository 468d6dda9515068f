//! `audit`: what happened that bears on security.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, UNIX_EPOCH};

use clap::Args;
use dockgate_issuer::clock::{UnixSeconds, system_clock};
use dockgate_issuer::http::admin::audit::{AUDIT, AuditQuery};
use dockgate_issuer::store::{AuditEntry, AuditPage, MAX_AUDIT_PAGE};
use serde::Serialize;
use url::form_urlencoded::Serializer;

use super::admin_client::{Ask, ask};
use super::failure::Failure;
use super::output::{moment, print, print_as_json, printable};
use super::user::Json;
use crate::ConfigFile;

/// How many entries are asked for at most.
const MOST: u64 = 100_000;

#[derive(Args)]
pub(crate) struct AuditCommand {
    #[command(flatten)]
    config: ConfigFile,
    /// Not before: a span such as 90s, 1h or 7d, or a moment such as 2026-01-31T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = when)]
    since: Option<When>,
    /// Before
    #[arg(long, value_name = "WHEN", value_parser = when)]
    until: Option<When>,
    /// Of this name, such as login_failed
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
    /// About this user
    #[arg(long, value_name = "NAME", conflicts_with = "subject")]
    user: Option<String>,
    /// About the user with this `sub`, also one who is gone
    #[arg(long, value_name = "SUB")]
    subject: Option<String>,
    /// About this client
    #[arg(long, value_name = "ID")]
    client: Option<String>,
    /// The latest so many
    #[arg(long, value_name = "N", default_value_t = 100,
        value_parser = clap::value_parser!(u64).range(1..=MOST))]
    limit: u64,
    #[command(flatten)]
    json: Json,
}

/// A moment, or how long ago one was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    At(UnixSeconds),
    Ago(u64),
}

#[derive(Serialize)]
struct Entries {
    entries: Vec<AuditEntry>,
}

pub(crate) fn run(command: AuditCommand) -> ExitCode {
    let now = system_clock();
    let query = AuditQuery {
        since: command.since.map(|when| when.before(now)),
        until: command.until.map(|when| when.before(now)),
        event: command.event,
        user: command.user,
        subject: command.subject,
        client_id: command.client,
        before: None,
        limit: None,
    };
    super::with_issuer(&command.config, |store| {
        let entries = entries(store, query, command.limit)?;
        if command.json.wanted {
            return print_as_json(&Entries { entries });
        }
        print(&entries.iter().map(line).collect::<String>())
    })
}

/// The latest of them, the newest last: where the eye is when the command ends.
fn entries(store: &Path, mut query: AuditQuery, limit: u64) -> Result<Vec<AuditEntry>, Failure> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut entries = Vec::new();
    while entries.len() < limit {
        let left = limit.saturating_sub(entries.len());
        query.limit = Some(left.min(MAX_AUDIT_PAGE));
        let page: AuditPage = ask(store, &Ask::get(&address(&query)))?;
        entries.extend(page.entries);
        match page.next {
            Some(next) => query.before = Some(next),
            None => break,
        }
    }
    entries.reverse();
    Ok(entries)
}

fn address(query: &AuditQuery) -> String {
    let numbers = [
        ("since", query.since),
        ("until", query.until),
        ("before", query.before),
        ("limit", query.limit.and_then(|limit| limit.try_into().ok())),
    ];
    let texts = [
        ("event", &query.event),
        ("user", &query.user),
        ("subject", &query.subject),
        ("client_id", &query.client_id),
    ];
    let path = format!("{AUDIT}?");
    let begins = path.len();
    let mut written = Serializer::for_suffix(path, begins);
    for (name, value) in numbers {
        written.extend_pairs(value.map(|value| (name, value.to_string())));
    }
    for (name, value) in texts {
        written.extend_pairs(value.as_ref().map(|value| (name, value)));
    }
    written.finish()
}

fn line(entry: &AuditEntry) -> String {
    let stored = &entry.stored;
    let mut line = format!("{}  {:28}", moment(Some(stored.at)), stored.event);
    let mut tell = |name: &str, value: &str| {
        line.push_str(&format!("  {}={}", printable(name), printable(value)));
    };
    if stored.count > 1 {
        tell("count", &stored.count.to_string());
    }
    for (name, value) in &stored.facts {
        tell(name, value);
    }
    if let Some(address) = stored.address {
        tell("address", &address.to_string());
    }
    if let Some(id) = &stored.request_id {
        tell("request_id", id);
    }
    line.trim_end().to_owned() + "\n"
}

impl When {
    fn before(self, now: UnixSeconds) -> UnixSeconds {
        match self {
            Self::At(at) => at,
            Self::Ago(seconds) => now.saturating_sub(seconds),
        }
    }
}

fn when(text: &str) -> Result<When, String> {
    if let Ok(span) = humantime::parse_duration(text) {
        return Ok(When::Ago(span.as_secs()));
    }
    let at = humantime::parse_rfc3339(text).ok();
    let since = at.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let seconds = since.as_ref().map(Duration::as_secs);
    seconds.map(When::At).ok_or_else(|| {
        "write a span such as 90s, 1h or 7d, or a moment in UTC such as 2026-01-31T12:00:00Z"
            .to_owned()
    })
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
