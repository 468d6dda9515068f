//! What is counted, for `/metrics`. `docs/observability.md` has a table of it that a test holds
//! equal to this.
//!
//! The counters belong to the process, as its log does: they are told to, never asked, so that
//! nothing depends on them. Every label has few values, all of the program's own: no client, user or
//! path of a request is one.

#[cfg(test)]
mod documented;
mod listeners;
mod registry;
mod throttled;

use std::time::Instant;

pub use self::listeners::Listener;
use self::registry::METRICS;
pub use self::registry::text;
pub use self::throttled::{Limit, Throttled};
use crate::audit::AuditEvent;
use crate::keys::KeyStatus;
use crate::protocol::{Grant, InvalidGrant, OAuthError, Refusal};
use crate::reload::Outcome;
use crate::store::KeyState;
use crate::traces::{ExportOutcome, SpanOutcome};

/// How a request that ends well is counted.
const SUCCESS: &str = "success";

/// A token request was answered with tokens.
pub fn token_issued(grant: Option<Grant>) {
    count_token(grant, SUCCESS);
    if grant == Some(Grant::RefreshToken) {
        METRICS.refresh_tokens.with_label_values(&[SUCCESS]).inc();
    }
}

/// A token request was refused.
pub fn token_refused(refusal: &Refusal) {
    count_token(refusal.grant, refusal.error.wire().error);
    let refresh = match &refusal.error {
        OAuthError::InvalidGrant(InvalidGrant::RefreshTokenReplayed) => "reuse_detected",
        OAuthError::InvalidGrant(InvalidGrant::RefreshTokenReplayedInWindow) => "late",
        _ if refusal.grant == Some(Grant::RefreshToken) => "refused",
        _ => return,
    };
    METRICS.refresh_tokens.with_label_values(&[refresh]).inc();
}

fn count_token(grant: Option<Grant>, outcome: &str) {
    // What is none of ours has one name, whatever the client calls it.
    let grant = grant.map_or("unknown", short_name);
    METRICS
        .token_requests
        .with_label_values(&[grant, outcome])
        .inc();
}

/// Without the prefix of extension grants.
fn short_name(grant: Grant) -> &'static str {
    let name = grant.as_str();
    name.rsplit(':').next().unwrap_or(name)
}

/// An authorization request was answered: with what was asked for, an error code to the client, or
/// `page` where only the user could be told.
pub fn authorization(outcome: Result<(), &str>) {
    let outcome = outcome.err().unwrap_or(SUCCESS);
    METRICS.authorizations.with_label_values(&[outcome]).inc();
}

/// A token was introspected, or why not.
pub fn introspection(outcome: Result<bool, &str>) {
    let outcome = match outcome {
        Ok(true) => "active",
        Ok(false) => "inactive",
        Err(error) => error,
    };
    METRICS.introspections.with_label_values(&[outcome]).inc();
}

/// A revocation request was answered: what was revoked, or why not.
pub fn revocation(outcome: &str) {
    METRICS.revocations.with_label_values(&[outcome]).inc();
}

/// A client was looked for in a document: `success`, or why it is none.
pub fn client_document(outcome: &str) {
    METRICS.client_documents.with_label_values(&[outcome]).inc();
}

/// A request was turned away as there are too many, or as the store failed.
pub fn turned_away(reason: &str) {
    METRICS.turned_away.with_label_values(&[reason]).inc();
}

/// An event was put on record.
pub fn security_event(event: &AuditEvent) {
    METRICS
        .security_events
        .with_label_values(&[event.name()])
        .inc();
    let (counter, outcome) = match event {
        AuditEvent::LoginSucceeded { .. } => (&METRICS.logins, SUCCESS),
        AuditEvent::LoginFailed { .. } => (&METRICS.logins, "failure"),
        AuditEvent::LoginThrottled { .. } => (&METRICS.logins, "throttled"),
        AuditEvent::ConsentGranted { .. } | AuditEvent::DeviceApproved { .. } => {
            (&METRICS.consents, "granted")
        }
        AuditEvent::ConsentDenied { .. } | AuditEvent::DeviceDenied { .. } => {
            (&METRICS.consents, "denied")
        }
        AuditEvent::ConsentRevoked { .. } => (&METRICS.consents, "revoked"),
        _ => return,
    };
    counter.with_label_values(&[outcome]).inc();
}

/// A request was answered. `route` is the pattern of the router.
pub fn request(route: &str, status: u16, began: Moment) {
    let class = match status / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    };
    METRICS.requests.with_label_values(&[route, class]).inc();
    METRICS
        .request_duration
        .with_label_values(&[route])
        .observe(began.seconds());
}

/// A password waits to be hashed for as long as this is kept.
pub fn password_waiting() -> Counted {
    Counted::of(METRICS.passwords_waiting.clone())
}

/// A password was hashed.
pub fn password_hashed(began: Moment) {
    METRICS.password_duration.observe(began.seconds());
}

/// A token was signed.
pub fn signed(algorithm: &str) {
    METRICS.signatures.with_label_values(&[algorithm]).inc();
}

/// There are these keys.
pub fn signing_keys<'a>(keys: impl IntoIterator<Item = &'a KeyStatus>) {
    METRICS.signing_keys.reset();
    for key in keys {
        let algorithm = key.algorithm.as_str();
        let labels = [algorithm, key.state.as_str()];
        METRICS.signing_keys.with_label_values(&labels).inc();
        if key.state == KeyState::Active {
            let created = METRICS.signing_key_created.with_label_values(&[algorithm]);
            created.set(i64::try_from(key.created_at).unwrap_or(i64::MAX));
        }
    }
}

/// The store was flushed.
pub fn flushed(began: Moment) {
    METRICS.flush_duration.observe(began.seconds());
}

/// How many records of a kind the last sweep met.
pub fn store_records(table: &str, records: usize) {
    let records = i64::try_from(records).unwrap_or(i64::MAX);
    METRICS
        .store_records
        .with_label_values(&[table])
        .set(records);
}

/// What the store takes on disk.
pub fn store_bytes(bytes: u64) {
    METRICS
        .store_bytes
        .set(i64::try_from(bytes).unwrap_or(i64::MAX));
}

/// The last reload went like this.
pub fn last_reload(outcome: Outcome) {
    METRICS.reload_successful.set(i64::from(outcome.succeeded));
    METRICS
        .reload_success_at
        .set(i64::try_from(outcome.success_at).unwrap_or(i64::MAX));
}

/// So many spans ended up like this.
pub fn trace_spans(outcome: SpanOutcome, spans: usize) {
    let spans = u64::try_from(spans).unwrap_or(u64::MAX);
    let counter = METRICS.trace_spans.with_label_values(&[outcome.as_str()]);
    counter.inc_by(spans);
}

/// The collector was called.
pub fn trace_export(outcome: ExportOutcome) {
    let counter = METRICS.trace_exports.with_label_values(&[outcome.as_str()]);
    counter.inc();
}

/// When something began.
#[derive(Clone, Copy, Debug)]
pub struct Moment(Instant);

impl Moment {
    /// Now.
    #[expect(
        clippy::disallowed_methods,
        reason = "how long something takes is measured where it happens, and nothing depends on it"
    )]
    pub fn now() -> Self {
        Self(Instant::now())
    }

    fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// One more in a gauge, until it is dropped.
pub struct Counted(prometheus::IntGauge);

impl Counted {
    fn of(gauge: prometheus::IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
