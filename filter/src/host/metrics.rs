//! Counters and gauges, by decision and reason. Envoy sums them over its workers.

use std::collections::HashMap;

use dockgate_policy::{Admission, Denial};
use proxy_wasm::hostcalls;
use proxy_wasm::types::MetricType;

/// Identifiers of the metrics; one that could not be defined is silently not counted, since a
/// request must not fail for it.
pub(crate) struct Metrics {
    admitted_token: Option<u32>,
    admitted_public: Option<u32>,
    admitted_passthrough: Option<u32>,
    denied: HashMap<&'static str, u32>,
    jwks_fetched: Option<u32>,
    jwks_fetch_failed: Option<u32>,
    /// VMs that have had keys: one a worker and one for Envoy's main thread, which fetches too. It
    /// only counts up, so after a VM was made anew it counts that one twice.
    workers_with_keys: Option<u32>,
}

impl Metrics {
    pub(crate) fn define() -> Self {
        let counter = |name: &str| define(MetricType::Counter, name);
        let denied = Denial::REASONS
            .iter()
            .filter_map(|reason| Some((*reason, counter(&format!("denied.{reason}"))?)));
        Self {
            admitted_token: counter("admitted.token"),
            admitted_public: counter("admitted.public"),
            admitted_passthrough: counter("admitted.passthrough"),
            denied: denied.collect(),
            jwks_fetched: counter("jwks.fetched"),
            jwks_fetch_failed: counter("jwks.fetch_failed"),
            workers_with_keys: define(MetricType::Gauge, "workers_with_keys"),
        }
    }

    pub(crate) fn admitted(&self, admission: &Admission) {
        increment(match admission {
            Admission::Token(_) => self.admitted_token,
            Admission::Public => self.admitted_public,
            Admission::Passthrough => self.admitted_passthrough,
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

    pub(crate) fn worker_has_keys(&self) {
        increment(self.workers_with_keys);
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
