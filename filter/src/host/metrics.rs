//! Counters by decision and reason, which Envoy sums over its workers, and gauges, which are set to
//! what all VMs say together.
//!
//! What requests do is counted in the module and handed over once a second: a call to the host for
//! each request would cost a microsecond. A VM that dies takes up to a second of counts with it.

use std::cell::Cell;

use dockgate_policy::{Admission, CacheTally, Denial, Totals};
use proxy_wasm::types::MetricType;

use super::raw_values::{define_metric, increment_metric, record_metric};

/// Identifiers of the metrics; one that could not be defined is silently not counted, since a
/// request must not fail for it.
pub(crate) struct Metrics {
    admitted_token: Counter,
    admitted_public: Counter,
    admitted_passthrough: Counter,
    admitted_preflight: Counter,
    denied: Vec<(&'static str, Counter)>,
    /// Requests that passed because their rule only reports.
    would_deny: Vec<(&'static str, Counter)>,
    rules_in_report_mode: Option<u32>,
    cache_hits: Counter,
    cache_misses: Counter,
    cache_evictions: Counter,
    cache_entries: Option<u32>,
    jwks_fetched: Option<u32>,
    jwks_fetch_failed: Option<u32>,
    jwks_age_seconds: Option<u32>,
    workers_with_keys: Option<u32>,
}

impl Metrics {
    pub(crate) fn define() -> Self {
        let by_reason = |group: &str| {
            let reasons = Denial::REASONS.iter();
            let counted =
                |reason: &&'static str| (*reason, Counter::define(&format!("{group}.{reason}")));
            reasons.map(counted).collect()
        };
        Self {
            admitted_token: Counter::define("admitted.token"),
            admitted_public: Counter::define("admitted.public"),
            admitted_passthrough: Counter::define("admitted.passthrough"),
            admitted_preflight: Counter::define("admitted.preflight"),
            denied: by_reason("denied"),
            would_deny: by_reason("would_deny"),
            rules_in_report_mode: define(MetricType::Gauge, "rules_in_report_mode"),
            cache_hits: Counter::define("cache.hits"),
            cache_misses: Counter::define("cache.misses"),
            cache_evictions: Counter::define("cache.evictions"),
            cache_entries: define(MetricType::Gauge, "cache.entries"),
            jwks_fetched: define(MetricType::Counter, "jwks.fetched"),
            jwks_fetch_failed: define(MetricType::Counter, "jwks.fetch_failed"),
            jwks_age_seconds: define(MetricType::Gauge, "jwks.age_seconds"),
            workers_with_keys: define(MetricType::Gauge, "workers_with_keys"),
        }
    }

    pub(crate) fn admitted(&self, admission: &Admission) {
        match admission {
            Admission::Token(_) => self.admitted_token.add(1),
            Admission::Public => self.admitted_public.add(1),
            Admission::Passthrough => self.admitted_passthrough.add(1),
            Admission::Preflight => self.admitted_preflight.add(1),
            Admission::Reported { denial, .. } => count(&self.would_deny, denial),
        }
    }

    pub(crate) fn denied(&self, denial: &Denial) {
        count(&self.denied, denial);
    }

    /// `tally` is what has happened since the last call.
    pub(crate) fn cached(&self, tally: CacheTally) {
        self.cache_hits.add(tally.hits);
        self.cache_misses.add(tally.misses);
        self.cache_evictions.add(tally.evictions);
    }

    /// Hands over what was counted since the last call.
    pub(crate) fn hand_over(&self) {
        let admitted = [
            &self.admitted_token,
            &self.admitted_public,
            &self.admitted_passthrough,
            &self.admitted_preflight,
        ];
        let cache = [&self.cache_hits, &self.cache_misses, &self.cache_evictions];
        let denied = self.denied.iter().chain(&self.would_deny);
        let denied = denied.map(|(_, counter)| counter);
        for counter in admitted.into_iter().chain(cache).chain(denied) {
            counter.hand_over();
        }
    }

    pub(crate) fn jwks_fetched(&self) {
        increment(self.jwks_fetched, 1);
    }

    pub(crate) fn jwks_fetch_failed(&self) {
        increment(self.jwks_fetch_failed, 1);
    }

    /// Every VM sets the gauges, to the same: what one that is gone had said counts no more.
    pub(crate) fn gauge(&self, totals: &Totals) {
        let Totals {
            with_keys,
            keys_age,
            cached_tokens,
            reporting_rules,
        } = totals;
        record(self.workers_with_keys, *with_keys);
        record(self.cache_entries, *cached_tokens);
        record(self.rules_in_report_mode, *reporting_rules);
        if let Some(seconds) = keys_age {
            record(self.jwks_age_seconds, *seconds);
        }
    }
}

fn count(counters: &[(&'static str, Counter)], denial: &Denial) {
    let reason = denial.reason();
    if let Some((_, counter)) = counters.iter().find(|(own, _)| *own == reason) {
        counter.add(1);
    }
}

/// A counter, and what it has counted that the host does not know of yet.
struct Counter {
    metric: Option<u32>,
    pending: Cell<u64>,
}

impl Counter {
    fn define(name: &str) -> Self {
        Self {
            metric: define(MetricType::Counter, name),
            pending: Cell::new(0),
        }
    }

    fn add(&self, count: u64) {
        self.pending.set(self.pending.get().saturating_add(count));
    }

    fn hand_over(&self) {
        let count = self.pending.take();
        if count > 0 {
            increment(self.metric, i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}

fn define(kind: MetricType, name: &str) -> Option<u32> {
    define_metric(kind, &format!("dockgate.{name}"))
}

fn increment(metric: Option<u32>, by: i64) {
    if let Some(metric) = metric {
        increment_metric(metric, by);
    }
}

fn record(metric: Option<u32>, value: u64) {
    if let Some(metric) = metric {
        record_metric(metric, value);
    }
}
