//! Counters and gauges, by decision and reason. Envoy sums them over its workers.

use std::collections::HashMap;

use dockgate_policy::{Admission, Denial};
use proxy_wasm::hostcalls;
use proxy_wasm::types::MetricType;

use super::gauge;

/// Identifiers of the metrics; one that could not be defined is silently not counted, since a
/// request must not fail for it.
pub(crate) struct Metrics {
    admitted_token: Option<u32>,
    admitted_public: Option<u32>,
    admitted_passthrough: Option<u32>,
    admitted_preflight: Option<u32>,
    denied: HashMap<&'static str, u32>,
    /// Requests that passed because their rule only reports.
    would_deny: HashMap<&'static str, u32>,
    rules_in_report_mode: Option<u32>,
    jwks_fetched: Option<u32>,
    jwks_fetch_failed: Option<u32>,
    jwks_age_seconds: Option<u32>,
    workers_with_keys: Option<u32>,
}

impl Metrics {
    pub(crate) fn define() -> Self {
        let counter = |name: &str| define(MetricType::Counter, name);
        let by_reason = |group: &str| {
            let reasons = Denial::REASONS.iter();
            let counted =
                |reason: &&'static str| Some((*reason, counter(&format!("{group}.{reason}"))?));
            reasons.filter_map(counted).collect()
        };
        Self {
            admitted_token: counter("admitted.token"),
            admitted_public: counter("admitted.public"),
            admitted_passthrough: counter("admitted.passthrough"),
            admitted_preflight: counter("admitted.preflight"),
            denied: by_reason("denied"),
            would_deny: by_reason("would_deny"),
            rules_in_report_mode: define(MetricType::Gauge, "rules_in_report_mode"),
            jwks_fetched: counter("jwks.fetched"),
            jwks_fetch_failed: counter("jwks.fetch_failed"),
            jwks_age_seconds: define(MetricType::Gauge, "jwks.age_seconds"),
            workers_with_keys: define(MetricType::Gauge, "workers_with_keys"),
        }
    }

    pub(crate) fn admitted(&self, admission: &Admission) {
        increment(match admission {
            Admission::Token { .. } => self.admitted_token,
            Admission::Public => self.admitted_public,
            Admission::Passthrough => self.admitted_passthrough,
            Admission::Preflight => self.admitted_preflight,
            Admission::Reported { denial } => self.would_deny.get(denial.reason()).copied(),
        });
    }

    pub(crate) fn denied(&self, denial: &Denial) {
        increment(self.denied.get(denial.reason()).copied());
    }

    pub(crate) fn jwks_fetched(&self) {
        increment(self.jwks_fetched);
    }

    pub(crate) fn jwks_fetch_failed(&self) {
        increment(self.jwks_fetch_failed);
    }

    /// Set, not counted up: each worker has the same configuration.
    pub(crate) fn rules_in_report_mode(&self, rules: usize) {
        record(
            self.rules_in_report_mode,
            u64::try_from(rules).unwrap_or(u64::MAX),
        );
    }

    /// Seconds since the oldest set of keys was fetched.
    pub(crate) fn jwks_age(&self, seconds: u64) {
        record(self.jwks_age_seconds, seconds);
    }

    /// VMs that have keys: one a worker and one for Envoy's main thread, which fetches too.
    pub(crate) fn workers_with_keys(&self, count: u64) {
        record(self.workers_with_keys, count);
    }
}

fn define(kind: MetricType, name: &str) -> Option<u32> {
    hostcalls::define_metric(kind, &format!("dockgate.{name}")).ok()
}

fn increment(metric: Option<u32>) {
    if let Some(metric) = metric {
        let _ = hostcalls::increment_metric(metric, 1);
    }
}

fn record(metric: Option<u32>, value: u64) {
    if let Some(metric) = metric {
        gauge::set(metric, value);
    }
}
