//! What comes out of the rounds of one server in one case.

use serde::Serialize;

use crate::bench::statistics::{median, percentile};
use crate::bench::stretch::Stretch;

/// One server's figures in one case.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    /// Median of the rounds.
    pub(super) requests_per_second: f64,
    /// CPU time of the server's process per request, user and system; median of the rounds.
    pub(super) cpu_us: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    /// After the last round.
    pub(super) rss_mib: f64,
    pub(super) requests: u64,
    /// How busy one core was with the client, from 0 to 1: near 1 it is the client that limits the
    /// rate, and the server could do more.
    pub(super) client_busy: f64,
    /// Cores that were busy with anything else: what is missing from the rates of a machine at rest.
    pub(super) others_busy: f64,
    /// Requests per second of each round, for the spread.
    pub(super) rounds: Vec<f64>,
    /// Counted in the warm-up.
    pub(super) signatures_per_request: f64,
    pub(super) flushes_per_request: Option<f64>,
    /// Why the one above is not known.
    pub(super) flushes_unknown_because: Option<String>,
}

impl Figures {
    pub(super) fn of(
        rounds: &[Stretch],
        warm_up: &Stretch,
        flushes: &Result<f64, String>,
        rss_mib: f64,
    ) -> Self {
        let requests: f64 = rounds.iter().map(Stretch::requests).sum();
        let rates: Vec<f64> = rounds
            .iter()
            .map(|round| round.requests() / round.seconds)
            .collect();
        let cpu = rounds
            .iter()
            .map(|round| 1e6 * round.cpu_seconds / round.requests());
        let mut latencies: Vec<f64> = rounds
            .iter()
            .flat_map(|round| &round.latencies)
            .map(|us| f64::from(*us) / 1e3)
            .collect();
        Self {
            requests_per_second: median(rates.iter().copied()),
            cpu_us: median(cpu),
            p50_ms: percentile(&mut latencies, 0.5),
            p99_ms: percentile(&mut latencies, 0.99),
            rss_mib,
            requests: requests as u64,
            client_busy: median(
                rounds
                    .iter()
                    .map(|round| round.client_cpu_seconds / round.seconds),
            ),
            others_busy: median(rounds.iter().map(|round| {
                let ours = round.cpu_seconds + round.client_cpu_seconds;
                ((round.machine_cpu_seconds - ours) / round.seconds).max(0.0)
            })),
            rounds: rates,
            signatures_per_request: f64::from(warm_up.signatures) / warm_up.requests(),
            flushes_per_request: flushes.as_ref().ok().map(|flushes| flushes / requests),
            flushes_unknown_because: flushes.as_ref().err().cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(requests: usize, seconds: f64, cpu_seconds: f64) -> Stretch {
        Stretch {
            seconds,
            cpu_seconds,
            client_cpu_seconds: seconds / 2.0,
            machine_cpu_seconds: cpu_seconds + seconds,
            latencies: vec![2000; requests],
            signatures: 0,
        }
    }

    #[test]
    fn rates_and_costs_are_medians_of_the_rounds() {
        let rounds = [
            round(100, 1.0, 0.1),
            round(300, 1.0, 0.9),
            round(200, 1.0, 0.4),
        ];
        let warm_up = Stretch {
            signatures: 10,
            ..round(10, 1.0, 1.0)
        };
        let figures = Figures::of(&rounds, &warm_up, &Ok(300.0), 12.5);
        assert_eq!(figures.requests_per_second, 200.0);
        assert_eq!(figures.cpu_us, 2000.0);
        assert_eq!(figures.p99_ms, 2.0);
        assert_eq!(figures.requests, 600);
        assert_eq!(figures.client_busy, 0.5);
        assert_eq!(figures.others_busy, 0.5);
        assert_eq!(figures.signatures_per_request, 1.0);
        assert_eq!(figures.flushes_per_request, Some(0.5));
        let unknown = Figures::of(&rounds, &warm_up, &Err("why".to_owned()), 0.0);
        assert_eq!(unknown.flushes_per_request, None);
        assert_eq!(unknown.flushes_unknown_because.as_deref(), Some("why"));
    }
}
