//! What the filter is to reach.

use super::case::Case;
use super::report::Report;
use super::setup::Setup;
use crate::bench::algorithm::Algorithm;
use crate::bench::target::Target;

/// All of them.
pub(super) fn of(report: &Report) -> Vec<Target> {
    let cpu = |case, setup| report.figures(case, setup).map(|figures| figures.cpu_us);
    let ratio = |a: Option<f64>, b: Option<f64>| Some(a? / b?);
    let to_native = |case| ratio(cpu(case, Setup::Ours), cpu(case, Setup::Native));
    let mut targets = Vec::new();
    let mut at_most = |what: String, measured, wanted, unit| {
        targets.push(Target {
            what,
            measured,
            wanted,
            at_most: true,
            unit,
        });
    };
    for (algorithm, wanted) in [
        (Algorithm::RS256, 1.0),
        (Algorithm::ES256, 1.0),
        (Algorithm::EdDSA, 2.0),
    ] {
        let what = format!(
            "{}, every token new: CPU, to the native filters'",
            algorithm.as_str()
        );
        at_most(what, to_native(Case::New(algorithm)), wanted, "×");
    }
    at_most(
        "10 000 tokens in rotation: CPU, to the native cache's (aim 0.9)".to_owned(),
        ratio(
            cpu(Case::Rotation, Setup::Ours),
            cpu(Case::Rotation, Setup::NativeCache),
        ),
        1.0,
        "×",
    );
    // The native filters look at `exp` before the signature.
    for (what, case) in [
        ("garbage", Case::Garbage),
        ("no token", Case::NoToken),
        ("expired", Case::Expired),
    ] {
        let what = format!("refused, {what}: CPU, to the native filters'");
        at_most(what, to_native(case), 1.0, "×");
    }
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let what = format!(
            "{}, bad signature: CPU, to a new good token's",
            algorithm.as_str()
        );
        let measured = ratio(
            cpu(Case::BadSignature(algorithm), Setup::Ours),
            cpu(Case::New(algorithm), Setup::Ours),
        );
        at_most(what, measured, 1.2, "×");
    }
    at_most(
        "RSS above no filter".to_owned(),
        rss_above(report),
        48.0,
        "MiB",
    );
    let growth = report.flat.as_ref().map(super::flat::Flat::growth_mib);
    at_most(
        "RSS growth, many distinct tokens".to_owned(),
        growth,
        1.0,
        "MiB",
    );
    targets
}

/// The most that the filter has used above Envoy alone, in the cases that measure both.
fn rss_above(report: &Report) -> Option<f64> {
    let above = report.cases.iter().filter_map(|case| {
        Some(case.figures(Setup::Ours)?.rss_mib - case.figures(Setup::NoFilter)?.rss_mib)
    });
    above.reduce(f64::max)
}
