//! Every metric with its name, its labels and what it says.

use std::sync::LazyLock;

use prometheus::process_collector::ProcessCollector;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use super::{listeners, throttled};
use crate::audit::AuditEvent;
use crate::traces::{ExportOutcome, SpanOutcome};

const PREFIX: &str = "dockgate_issuer";

/// From a cached document to a login behind a queue, in seconds.
const REQUEST_BUCKETS: [f64; 12] = [
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0,
];
/// From a fast disk to one that is about to be given up.
const FLUSH_BUCKETS: [f64; 10] = [
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 1.0, 10.0,
];
const PASSWORD_BUCKETS: [f64; 8] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

pub(super) static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

pub(super) struct Metrics {
    registry: Registry,
    pub(super) token_requests: IntCounterVec,
    pub(super) refresh_tokens: IntCounterVec,
    pub(super) authorizations: IntCounterVec,
    pub(super) logins: IntCounterVec,
    pub(super) consents: IntCounterVec,
    pub(super) introspections: IntCounterVec,
    pub(super) revocations: IntCounterVec,
    pub(super) client_documents: IntCounterVec,
    pub(super) turned_away: IntCounterVec,
    pub(super) security_events: IntCounterVec,
    pub(super) requests: IntCounterVec,
    pub(super) request_duration: HistogramVec,
    pub(super) throttled: IntCounterVec,
    pub(super) connections: IntCounterVec,
    pub(super) connections_open: IntGaugeVec,
    pub(super) connections_failed: IntCounterVec,
    pub(super) connections_refused: IntCounterVec,
    pub(super) passwords_waiting: IntGauge,
    pub(super) password_duration: Histogram,
    pub(super) signatures: IntCounterVec,
    pub(super) signing_keys: IntGaugeVec,
    pub(super) signing_key_created: IntGaugeVec,
    pub(super) flush_duration: Histogram,
    pub(super) store_records: IntGaugeVec,
    pub(super) store_bytes: IntGauge,
    pub(super) reload_successful: IntGauge,
    pub(super) reload_success_at: IntGauge,
    pub(super) trace_spans: IntCounterVec,
    pub(super) trace_exports: IntCounterVec,
}

/// All of it in the Prometheus text exposition format, version 0.0.4.
///
/// # Errors
/// [`prometheus::Error`] when it cannot be written.
pub fn text() -> Result<String, prometheus::Error> {
    TextEncoder::new().encode_to_string(&METRICS.registry.gather())
}

impl Metrics {
    fn new() -> Self {
        let new = New(Registry::new());
        new.add(ProcessCollector::for_self());
        let build = new.gauges("build_info", "The running version.", &["version"]);
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let metrics = Self {
            token_requests: new.counters(
                "token_requests_total",
                "Token requests by grant and outcome: success or the error code.",
                &["grant", "outcome"],
            ),
            refresh_tokens: new.counters(
                "refresh_tokens_total",
                "Refresh tokens that were presented, by what came of it.",
                &["outcome"],
            ),
            authorizations: new.counters(
                "authorization_responses_total",
                "Ends of authorization requests: success, the error code, or page.",
                &["outcome"],
            ),
            logins: new.counters("logins_total", "Passwords, by outcome.", &["outcome"]),
            consents: new.counters(
                "consents_total",
                "What users decided about clients and devices.",
                &["outcome"],
            ),
            introspections: new.counters(
                "introspections_total",
                "Introspection requests: active, inactive, or the error code.",
                &["outcome"],
            ),
            revocations: new.counters(
                "revocations_total",
                "Revocation requests: what was revoked, or the error code.",
                &["outcome"],
            ),
            client_documents: new.counters(
                "client_documents_total",
                "Clients looked for in documents: success, or why there is none.",
                &["outcome"],
            ),
            turned_away: new.counters(
                "requests_turned_away_total",
                "Requests that were not answered, by reason.",
                &["reason"],
            ),
            security_events: new.counters(
                "security_events_total",
                "Events of the audit log, each attempt counted.",
                &["event"],
            ),
            requests: new.counters(
                "http_requests_total",
                "Requests by the pattern of their route and the class of the status.",
                &["route", "status"],
            ),
            request_duration: new.histograms(
                "http_request_duration_seconds",
                "From the head of a request to the head of its answer.",
                &["route"],
            ),
            throttled: new.counters(
                "throttled_total",
                "What was refused as there had been too much of it, by the limit that refused it.",
                &["what", "limit"],
            ),
            connections: new.counters(
                "connections_total",
                "Connections that were accepted.",
                &["listener"],
            ),
            connections_open: new.gauges(
                "connections_open",
                "Connections that are open.",
                &["listener"],
            ),
            connections_failed: new.counters(
                "connections_failed_total",
                "Connections that could not be accepted.",
                &["listener"],
            ),
            connections_refused: new.counters(
                "connections_refused_total",
                "Connections closed at once, as their address had its part of them already.",
                &["listener"],
            ),
            passwords_waiting: new.gauge(
                "passwords_waiting",
                "Passwords that wait for their turn to be hashed.",
            ),
            password_duration: new.histogram(
                "password_hash_duration_seconds",
                "How long hashing took, without the wait.",
                &PASSWORD_BUCKETS,
            ),
            signatures: new.counters(
                "signatures_total",
                "Tokens that were signed.",
                &["algorithm"],
            ),
            signing_keys: new.gauges(
                "signing_keys",
                "Keys by algorithm and state.",
                &["algorithm", "state"],
            ),
            signing_key_created: new.gauges(
                "signing_key_created_timestamp_seconds",
                "When the key that signs was made.",
                &["algorithm"],
            ),
            flush_duration: new.histogram(
                "store_flush_duration_seconds",
                "Flushes of the store to disk; one serves all who wait.",
                &FLUSH_BUCKETS,
            ),
            store_records: new.gauges(
                "store_records",
                "Records that the last sweep met, those that have expired included.",
                &["table"],
            ),
            store_bytes: new.gauge("store_bytes", "What the database takes on disk."),
            reload_successful: new.gauge(
                "config_last_reload_successful",
                "1 if the configuration that was read last is the one that counts, else 0.",
            ),
            reload_success_at: new.gauge(
                "config_last_reload_success_timestamp_seconds",
                "Since when the configuration counts that does.",
            ),
            trace_spans: new.counters(
                "trace_spans_total",
                "Spans of traces, by what became of them.",
                &["outcome"],
            ),
            trace_exports: new.counters(
                "trace_exports_total",
                "Calls to the collector of traces, by outcome.",
                &["outcome"],
            ),
            registry: new.0,
        };
        metrics.begin();
        metrics
    }

    /// What can be known beforehand is there from the start with 0: a first failure is then seen as
    /// an increase (Prometheus, "Avoid missing metrics").
    fn begin(&self) {
        listeners::begin(self);
        throttled::begin(self);
        for (counter, outcomes) in [
            (&self.security_events, AuditEvent::NAMES),
            (&self.logins, &["success", "failure", "throttled"][..]),
            (&self.consents, &["granted", "denied", "revoked"]),
            (
                &self.refresh_tokens,
                &["success", "late", "reuse_detected", "refused"],
            ),
            (&self.authorizations, &["success", "page"]),
            (&self.introspections, &["active", "inactive"]),
            (&self.revocations, &["grant", "access_token", "nothing"]),
            (
                &self.client_documents,
                &["success", "refused", "unreachable"],
            ),
            (
                &self.turned_away,
                &["throttled", "busy", "store_full", "store_failed"],
            ),
            (&self.signatures, &["RS256", "ES256", "EdDSA", "PS256"]),
        ] {
            for outcome in outcomes {
                counter.with_label_values(&[outcome]).inc_by(0);
            }
        }
        for outcome in SpanOutcome::ALL {
            self.trace_spans
                .with_label_values(&[outcome.as_str()])
                .inc_by(0);
        }
        for outcome in ExportOutcome::ALL {
            self.trace_exports
                .with_label_values(&[outcome.as_str()])
                .inc_by(0);
        }
        self.token_requests
            .with_label_values(&["client_credentials", "success"])
            .inc_by(0);
    }
}

/// Makes metrics and registers them.
struct New(Registry);

impl New {
    #[expect(
        clippy::expect_used,
        reason = "names are constants, and whether they are good any test shows"
    )]
    fn made<C: prometheus::core::Collector + Clone + 'static>(
        &self,
        made: prometheus::Result<C>,
    ) -> C {
        let metric = made.expect("a metric has a good name");
        self.add(metric.clone());
        metric
    }

    #[expect(
        clippy::expect_used,
        reason = "names are constants, and whether they are good any test shows"
    )]
    fn add(&self, metric: impl prometheus::core::Collector + 'static) {
        self.0
            .register(Box::new(metric))
            .expect("a metric has a name of its own");
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.made(IntCounterVec::new(opts(name, help), labels))
    }

    fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.made(IntGauge::with_opts(opts(name, help)))
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.made(IntGaugeVec::new(opts(name, help), labels))
    }

    fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        let opts = HistogramOpts::from(opts(name, help)).buckets(buckets.to_vec());
        self.made(Histogram::with_opts(opts))
    }

    fn histograms(&self, name: &str, help: &str, labels: &[&str]) -> HistogramVec {
        let opts = HistogramOpts::from(opts(name, help)).buckets(REQUEST_BUCKETS.to_vec());
        self.made(HistogramVec::new(opts, labels))
    }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace(PREFIX)
}
