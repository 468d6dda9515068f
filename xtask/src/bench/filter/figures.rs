//! What comes out of the rounds of one contender in one case.

use serde::Serialize;

use crate::bench::statistics::{median, percentile};
use crate::bench::stretch::Stretch;

/// One contender's figures in one case.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    /// CPU time of Envoy's process per request, user and system; median of the rounds.
    pub(super) cpu_us: f64,
    /// Median of the rounds.
    pub(super) requests_per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    /// After the last round.
    pub(super) rss_mib: f64,
    pub(super) requests: u64,
    /// How busy one core was with the client, from 0 to 1: near 1 it is the client that limits the
    /// rate.
    pub(super) client_busy: f64,
    /// Cores that were busy with anything else.
    pub(super) others_busy: f64,
    /// CPU time per request of each round, for the spread.
    pub(super) rounds_cpu_us: Vec<f64>,
}

impl Figures {
    pub(super) fn of(rounds: &[Stretch], rss_mib: f64) -> Self {
        let cpu: Vec<f64> = rounds
            .iter()
            .map(|round| 1e6 * round.cpu_seconds / round.requests())
            .collect();
        let mut latencies: Vec<f64> = rounds
            .iter()
            .flat_map(|round| &round.latencies)
            .map(|us| f64::from(*us) / 1e3)
            .collect();
        let of_rounds = |figure: fn(&Stretch) -> f64| median(rounds.iter().map(figure));
        Self {
            cpu_us: median(cpu.iter().copied()),
            requests_per_second: of_rounds(|round| round.requests() / round.seconds),
            p50_ms: percentile(&mut latencies, 0.5),
            p99_ms: percentile(&mut latencies, 0.99),
            rss_mib,
            requests: rounds.iter().map(Stretch::requests).sum::<f64>() as u64,
            client_busy: of_rounds(|round| round.client_cpu_seconds / round.seconds),
            others_busy: of_rounds(|round| {
                let ours = round.cpu_seconds + round.client_cpu_seconds;
                ((round.machine_cpu_seconds - ours) / round.seconds).max(0.0)
            }),
            rounds_cpu_us: cpu,
        }
    }
}
