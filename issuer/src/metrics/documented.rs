//! The documented table has every metric with its type, and no other; the dashboard and the alert
//! rules ask for metrics that exist.

use std::collections::{BTreeMap, BTreeSet};

use super::registry::METRICS;
use super::text;

const DOCS: &str = include_str!("../../../docs/observability.md");
/// Where the filter defines its own.
const FILTER: &str = include_str!("../../../filter/src/host/metrics.rs");
const DASHBOARD: &str = include_str!("../../../docs/grafana/dockgate.json");
const ALERTS: &str = include_str!("../../../docs/grafana/alerts.yaml");

/// Names and types, from the `# TYPE` lines.
fn exposed() -> BTreeMap<String, String> {
    METRICS.requests.with_label_values(&["/token", "2xx"]).inc();
    METRICS
        .request_duration
        .with_label_values(&["/token"])
        .observe(0.001);
    METRICS
        .signing_keys
        .with_label_values(&["RS256", "active"])
        .set(1);
    METRICS
        .signing_key_created
        .with_label_values(&["RS256"])
        .set(1);
    METRICS.store_records.with_label_values(&["grants"]).set(1);
    let text = text().unwrap();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let types = types.map(|line| line.split_once(' ').unwrap());
    types
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect()
}

/// Names of labels, from the samples. Of histograms `le` is the format's own.
fn labels(metric: &str, kind: &str) -> BTreeSet<String> {
    exposed();
    let suffix = if kind == "histogram" { "_count" } else { "" };
    let sample = format!("{metric}{suffix}");
    let text = text().unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix(&*sample));
    let labelled = lines.filter_map(|line| line.strip_prefix('{')?.split_once('}'));
    let pairs = labelled.flat_map(|(labels, _)| labels.split("\","));
    pairs
        .map(|pair| pair.split_once('=').unwrap().0.to_owned())
        .collect()
}

#[test]
fn the_documented_labels_are_what_is_exposed() {
    let rows = DOCS.lines().filter_map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, name, kind, names, _, _] = cells[..] else {
            return None;
        };
        let name = name.trim_matches('`');
        exposed().contains_key(name).then(|| {
            let names = names.split(", ").map(|name| name.trim_matches('`'));
            let names = names.filter(|name| *name != "–").map(str::to_owned);
            (name.to_owned(), kind.to_owned(), names.collect())
        })
    });
    let rows: Vec<(String, String, BTreeSet<String>)> = rows.collect();
    assert_eq!(rows.len(), exposed().len());
    for (name, kind, documented) in rows {
        assert_eq!(documented, labels(&name, &kind), "{name}");
    }
}

#[test]
fn the_documented_table_is_what_is_exposed() {
    let (_, table) = DOCS
        .split_once("| metric | type | labels | what |\n")
        .unwrap();
    let rows = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with("| `"));
    let documented: BTreeMap<_, _> = rows
        .map(|row| {
            let mut cells = row.split('|').map(str::trim).skip(1);
            let name = cells.next().unwrap().trim_matches('`').to_owned();
            (name, cells.next().unwrap().to_owned())
        })
        .collect();
    assert_eq!(documented, exposed());
}

/// Whether a series of this name can be there: the issuer's, or one that the filter's documentation
/// names, as Envoy exposes it.
fn exists(series: &str, exposed: &BTreeMap<String, String>) -> bool {
    if let Some(name) = series.strip_prefix("dockgate_issuer_") {
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix))
            .filter(|family| {
                exposed
                    .get(&format!("dockgate_issuer_{family}"))
                    .map(String::as_str)
                    == Some("histogram")
            });
        return exposed.contains_key(&format!("dockgate_issuer_{}", family.unwrap_or(name)));
    }
    if series.starts_with("process_") {
        return exposed.contains_key(series);
    }
    // Envoy writes `dockgate.cache.hits` as `dockgate_cache_hits`. What ends with an underscore is
    // the beginning of all names with a reason.
    let literals = FILTER.split('"').skip(1).step_by(2);
    let mut names = literals.map(|literal| format!("dockgate_{}", literal.replace('.', "_")));
    names.any(|name| name == series || format!("{name}_") == series)
}

/// The names of series in an expression: what begins like one of ours.
fn series(expression: &str) -> BTreeSet<String> {
    let words = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let ours = words.filter(|word| {
        ["dockgate_", "process_", "wasmcustom_"]
            .iter()
            .any(|prefix| word.starts_with(prefix))
    });
    ours.map(str::to_owned).collect()
}

fn check(expressions: &[String]) {
    assert!(expressions.len() > 5, "{expressions:?}");
    let exposed = exposed();
    for expression in expressions {
        let named = series(expression);
        assert!(!named.is_empty(), "no metric of ours in {expression}");
        for name in named {
            assert!(
                exists(&name, &exposed),
                "{name} does not exist: {expression}"
            );
        }
    }
}

#[test]
fn the_dashboard_asks_for_metrics_that_exist() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let expressions: Vec<_> = targets
        .map(|target| target["expr"].as_str().unwrap().to_owned())
        .collect();
    check(&expressions);
}

#[test]
fn the_alerts_ask_for_metrics_that_exist() {
    let lines = ALERTS
        .lines()
        .filter_map(|line| line.trim().strip_prefix("expr: "));
    let expressions: Vec<_> = lines.map(str::to_owned).collect();
    let alerts = ALERTS
        .lines()
        .filter(|line| line.trim().starts_with("- alert: "));
    assert_eq!(alerts.count(), expressions.len());
    check(&expressions);
}

#[test]
fn a_metric_that_does_not_exist_is_noticed() {
    let exposed = exposed();
    for (name, there) in [
        ("dockgate_issuer_logins_total", true),
        ("dockgate_issuer_login_total", false),
        ("dockgate_issuer_store_flush_duration_seconds_bucket", true),
        ("dockgate_issuer_logins_total_bucket", false),
        ("dockgate_no_such_thing", false),
    ] {
        assert_eq!(exists(name, &exposed), there, "{name}");
    }
}
