//! The report for a person.

use super::report::{CaseReport, Measured, Report, Row};
use super::setup::Setup;
use crate::bench::target::{Target, ratio};

/// The whole of it.
pub(super) fn of(report: &Report) -> String {
    let mut lines = vec![String::new()];
    lines.extend(facts(report));
    if !report.cases.is_empty() {
        lines.push(String::new());
        lines.push(format!(
            "{:<30}{:>11}{:>11}{:>12}{:>9}{:>9}{:>9}{:>9}{:>9}",
            "case",
            "CPU µs/req",
            "to native",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "RSS MiB",
            "client",
            "others"
        ));
        lines.extend(report.cases.iter().flat_map(case));
        lines.extend(notes());
    }
    if let Some(flat) = &report.flat {
        lines.push(String::new());
        lines.push(format!("{:<30}{:>11}", "distinct tokens", "RSS MiB"));
        let sample = |sample: &super::flat::Sample| {
            format!("  {:<28}{:>11.1}", sample.tokens, sample.rss_mib)
        };
        lines.extend(flat.samples.iter().map(sample));
    }
    lines.push(String::new());
    lines.push("targets".to_owned());
    lines.extend(report.targets.iter().map(Target::row));
    lines.push(String::new());
    lines.join("\n")
}

fn facts(report: &Report) -> Vec<String> {
    let (machine, settings) = (&report.facts, &report.settings);
    let pinned = match settings.cores {
        Some(cores) => format!(
            "Envoy (one worker) on core {}, the client on core {}",
            cores.server, cores.client
        ),
        None => "nothing pinned: Envoy and the client share all cores".to_owned(),
    };
    vec![
        format!(
            "commit {}, {}, module {} KiB, Envoy {}",
            machine.commit, machine.rustc, report.module_kib, report.envoy
        ),
        format!(
            "{}, {} cores, {}; {pinned}",
            machine.cpu, machine.cores, machine.kernel
        ),
        format!(
            "{} connections to a direct response; per case and contender {} × {} s in turn, after \
             {} s of warm-up; CPU and rates are medians",
            settings.connections, settings.rounds, settings.round_seconds, settings.warm_up_seconds
        ),
    ]
}

fn case(report: &CaseReport) -> Vec<String> {
    let native = report.figures(Setup::Native).map(|figures| figures.cpu_us);
    let rows = report.rows.iter().map(|one| row(one, native));
    std::iter::once(report.name.to_owned())
        .chain(rows)
        .collect()
}

fn row(row: &Row, native: Option<f64>) -> String {
    let figures = match &row.outcome {
        Measured::Figures(figures) => figures,
        Measured::Absent(why) => return format!("  {:<28}not in this build: {why}", row.name),
        Measured::Failed(why) => {
            let line = why.lines().next().unwrap_or_default();
            return format!("  {:<28}FAILED: {line}", row.name);
        }
    };
    format!(
        "  {:<28}{:>11.1}{:>11}{:>12.0}{:>9.2}{:>9.2}{:>9.1}{:>7.0} %{:>7.0} %",
        row.name,
        figures.cpu_us,
        ratio(native.map(|native| figures.cpu_us / native)),
        figures.requests_per_second,
        figures.p50_ms,
        figures.p99_ms,
        figures.rss_mib,
        1e2 * figures.client_busy,
        1e2 * figures.others_busy
    )
}

fn notes() -> [String; 3] {
    [
        "to native: CPU as a multiple of jwt_authn + RBAC without its cache, in the same case",
        "client: how busy its core was; near 100 % it is the client that limits the rate",
        "others: what else the machine did, in cores; with much of it, repeat the run",
    ]
    .map(str::to_owned)
}
