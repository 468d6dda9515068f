//! Traces, with a collector that speaks real HTTP and reads with OpenTelemetry's own types.

mod collector_away;
mod exporting;
mod flushing;
mod parents;
mod receiver;
mod sampling;

use std::path::Path;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use tokio::sync::{Mutex, MutexGuard};

use super::*;
use crate::clock::{system_nanos, system_uptime};
use crate::entropy::system_entropy;
use crate::metrics;

/// What is counted is counted for the process.
pub(super) async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

/// Traces of the demo with `[tracing]` as given.
pub(crate) fn traces(table: &str, pace: Pace) -> Option<(Tracer, Exporter)> {
    let text = include_str!("../../../envoy/issuer.toml");
    let text = format!("{text}\n[tracing]\n{table}\n");
    let config = crate::config::parse(Path::new("issuer.toml"), &text, []).unwrap();
    let source = Source {
        issuer: config.server.issuer,
        clock: system_nanos,
        uptime: system_uptime,
        entropy: system_entropy,
    };
    start(config.tracing, source, pace)
}

/// All requests have traces, which go to this port; callers say which.
pub(crate) fn traces_to(port: u16, pace: Pace) -> (Tracer, Exporter) {
    traces(
        &format!("otlp_endpoint = \"http://127.0.0.1:{port}\"\ncontinue_traces = true"),
        pace,
    )
    .unwrap()
}

/// A request that ends with `status`.
fn request(tracer: &Tracer, status: u16) {
    let span = tracer.request(None, "GET", Some("/token"));
    span.unwrap().answered(status);
}

/// How many spans ended up like this.
fn spans(outcome: SpanOutcome) -> usize {
    counted("trace_spans_total", outcome.as_str())
}

/// How many calls did.
fn exports(outcome: ExportOutcome) -> usize {
    counted("trace_exports_total", outcome.as_str())
}

fn counted(name: &str, outcome: &str) -> usize {
    let begin = format!("dockgate_issuer_{name}{{outcome=\"{outcome}\"}} ");
    let text = metrics::text().unwrap();
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(&begin));
    value.unwrap().parse().unwrap()
}

/// The value of a text.
fn text<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    let mut attributes = attributes.iter();
    let found = attributes.find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        other => panic!("{key}: {other:?}"),
    }
}
