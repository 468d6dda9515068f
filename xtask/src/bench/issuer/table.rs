//! The report for a person.

use super::figures::Figures;
use super::report::{CaseReport, Report, Sides};
use super::starts::Starts;
use crate::bench::target::{Target, number, ratio};

/// The whole of it.
pub(super) fn of(report: &Report) -> String {
    let mut lines = vec![String::new()];
    lines.extend(facts(report));
    lines.push(String::new());
    lines.push(format!(
        "{:<30}{:>12}{:>12}",
        "bare signature, one core", "per second", "CPU µs"
    ));
    lines.extend(report.bare_signatures.iter().map(|bare| {
        format!(
            "  {:<28}{:>12.0}{:>12.1}",
            bare.algorithm, bare.per_second, bare.cpu_us
        )
    }));
    if let Some(sides) = &report.starts {
        lines.push(String::new());
        lines.extend(starts(sides));
    }
    if !report.cases.is_empty() {
        lines.push(String::new());
        lines.push(format!(
            "{:<30}{:>12}{:>12}{:>9}{:>9}{:>9}{:>11}{:>11}{:>9}{:>9}",
            "case",
            "requests/s",
            "CPU µs/req",
            "p50 ms",
            "p99 ms",
            "RSS MiB",
            "signs/req",
            "flush/req",
            "client",
            "others"
        ));
        lines.extend(report.cases.iter().flat_map(case));
        lines.extend(notes(report));
    }
    lines.push(String::new());
    lines.push("targets".to_owned());
    lines.extend(report.targets.iter().map(Target::row));
    lines.push(String::new());
    lines.join("\n")
}

fn facts(report: &Report) -> Vec<String> {
    let (machine, settings) = (&report.machine, &report.settings);
    let pinned = match settings.cores {
        Some(cores) => format!(
            "each server alone on core {}, the client on core {}",
            cores.server, cores.client
        ),
        None => "nothing pinned: servers and client share all cores".to_owned(),
    };
    vec![
        format!(
            "{} ({}), {} beside oidc-provider {} on Node.js {}, its in-memory store",
            machine.issuer, machine.facts.commit, machine.facts.rustc, machine.peer, machine.node
        ),
        format!(
            "{}, {} cores, {}; {pinned}",
            machine.facts.cpu, machine.facts.cores, machine.facts.kernel
        ),
        format!(
            "store on {}: 4 KiB and fsync take {:.2} ms (median), {:.2} ms (p99)",
            machine.file_system, report.disk.fsync_p50_ms, report.disk.fsync_p99_ms
        ),
        format!(
            "{} connections; per case and side {} × {} s in turn, after {} s of warm-up; rates and CPU \
             are medians",
            settings.connections, settings.rounds, settings.round_seconds, settings.warm_up_seconds
        ),
    ]
}

fn starts(sides: &Sides<Starts>) -> Vec<String> {
    type Figure = fn(&Starts) -> f64;
    let rows: [(&str, Figure); 3] = [
        ("start, ms", |one| one.start_ms),
        ("first start, ms (makes keys)", |one| one.first_ms),
        ("idle RSS, MiB", |one| one.idle_rss_mib),
    ];
    let head = format!("{:<30}{:>12}{:>12}{:>12}", "", "ours", "peer", "ours/peer");
    let row = |(name, figure): (&str, Figure)| {
        let value = |side: &Option<Starts>| number(side.as_ref().map(figure), 1);
        format!(
            "{name:<30}{:>12}{:>12}{:>12}",
            value(&sides.ours),
            value(&sides.peer),
            ratio(sides.ratio(figure))
        )
    };
    std::iter::once(head).chain(rows.map(row)).collect()
}

fn case(report: &CaseReport) -> Vec<String> {
    let Sides { ours, peer } = &report.figures;
    let mut lines = vec![report.name.clone()];
    let sides = [("ours", ours), ("peer", peer)];
    for (name, figures) in sides {
        lines.extend(figures.as_ref().map(|figures| side(name, figures)));
    }
    if ours.is_some() && peer.is_some() {
        let to = |figure: fn(&Figures) -> f64| ratio(report.figures.ratio(figure));
        lines.push(format!(
            "  {:<28}{:>12}{:>12}{:>9}{:>9}{:>9}",
            "ours/peer",
            to(|one| one.requests_per_second),
            to(|one| one.cpu_us),
            to(|one| one.p50_ms),
            to(|one| one.p99_ms),
            to(|one| one.rss_mib)
        ));
    }
    let errors = report.errors.iter();
    lines.extend(errors.map(|error| format!("  FAILED: {}", beginning(error))));
    lines
}

/// An error's first line; the JSON file has all of it.
fn beginning(error: &str) -> String {
    let line = error.lines().next().unwrap_or_default();
    line.chars().take(200).collect()
}

fn notes(report: &Report) -> Vec<String> {
    let mut notes = vec![
        "client: how busy its core was; near 100 % it is the client that limits the rate"
            .to_owned(),
        "others: what else the machine did, in cores; with much of it, repeat the run".to_owned(),
        "introspection: ours of a JWT, the peer's of an opaque token, as it refuses JWTs"
            .to_owned(),
    ];
    let unknown = report.cases.iter().find_map(|case| {
        let ours = case.figures.ours.as_ref()?;
        ours.flushes_unknown_because.as_ref()
    });
    notes.extend(unknown.map(|why| format!("flush/req: n/a, because {why}")));
    notes
}

fn side(name: &str, figures: &Figures) -> String {
    format!(
        "  {name:<28}{:>12.0}{:>12.1}{:>9.2}{:>9.2}{:>9.1}{:>11.2}{:>11}{:>7.0} %{:>7.0} %",
        figures.requests_per_second,
        figures.cpu_us,
        figures.p50_ms,
        figures.p99_ms,
        figures.rss_mib,
        figures.signatures_per_request,
        number(figures.flushes_per_request, 3),
        1e2 * figures.client_busy,
        1e2 * figures.others_busy
    )
}
