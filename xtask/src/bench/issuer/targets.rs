//! What the issuer is to reach. A target that is missed fails nothing: it is shown.

use super::bare;
use super::case::Case;
use super::contender::CONNECTIONS;
use super::report::Report;
use crate::bench::algorithm::Algorithm;
use crate::bench::target::Target;

/// All of them.
pub(super) fn of(report: &Report) -> Vec<Target> {
    let at_most = |what: &str, measured, wanted, unit| Target {
        what: what.to_owned(),
        measured,
        wanted,
        at_most: true,
        unit,
    };
    let at_least = |what: &str, measured, wanted, unit| Target {
        at_most: false,
        ..at_most(what, measured, wanted, unit)
    };
    let starts = report.starts.as_ref().and_then(|s| s.ours.as_ref());
    let peer_cpu = |algorithm| {
        let figures = report.figures(Case::ClientCredentials(algorithm));
        figures.and_then(|figures| figures.ratio(|one| one.cpu_us))
    };
    vec![
        at_most(
            "client_credentials RS256: CPU, in bare signatures",
            rs256_cpu(report),
            1.3,
            "×",
        ),
        at_most(
            "client_credentials ES256: CPU, to the peer's",
            peer_cpu(Algorithm::ES256),
            0.2,
            "×",
        ),
        at_most(
            "client_credentials EdDSA: CPU, to the peer's",
            peer_cpu(Algorithm::EdDSA),
            0.2,
            "×",
        ),
        at_least(
            "refresh EdDSA: rate, to the peer's",
            report
                .figures(Case::Refresh(Algorithm::EdDSA))
                .and_then(|figures| figures.ratio(|one| one.requests_per_second)),
            3.0,
            "×",
        ),
        at_least(
            "refresh RS256: rate, to min(bare signatures/s, 32 / median fsync)",
            refresh_to_limit(report),
            0.8,
            "×",
        ),
        at_most(
            "idle RSS",
            starts.map(|starts| starts.idle_rss_mib),
            20.0,
            "MiB",
        ),
        at_most("start", starts.map(|starts| starts.start_ms), 200.0, "ms"),
    ]
}

fn rs256_cpu(report: &Report) -> Option<f64> {
    let figures = report.figures(Case::ClientCredentials(Algorithm::RS256))?;
    let bare = bare::of(&report.bare_signatures, Algorithm::RS256)?;
    Some(figures.ours.as_ref()?.cpu_us / bare.cpu_us)
}

/// A refresh signs once and is on disk when it is answered; one flush serves all that wait.
fn refresh_to_limit(report: &Report) -> Option<f64> {
    let figures = report.figures(Case::Refresh(Algorithm::RS256))?;
    let bare = bare::of(&report.bare_signatures, Algorithm::RS256)?;
    let flushes = CONNECTIONS as f64 * 1e3 / report.disk.fsync_p50_ms;
    Some(figures.ours.as_ref()?.requests_per_second / bare.per_second.min(flushes))
}
