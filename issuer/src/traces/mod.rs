//! OpenTelemetry traces: which requests have one, what is measured in them, and their way to a
//! collector. `docs/observability.md` describes them.
//!
//! Nothing waits for the collector. Spans that have ended go into a queue with an end, and one task
//! sends them; what has no room there is counted and gone. No span has anything that a client or a
//! user wrote: names are the program's own, and so are attributes.

mod collector;
mod current;
mod exporter;
mod ids;
mod otlp;
mod outcome;
mod pace;
mod parent;
mod sampling;
mod span;
#[cfg(test)]
pub(crate) mod tests;
mod tracer;

pub use self::current::{child, with_trace_id};
pub use self::exporter::Exporter;
pub use self::outcome::{ExportOutcome, SpanOutcome};
pub use self::pace::Pace;
pub use self::parent::Parent;
pub use self::sampling::SampleRatio;
use self::sampling::Sampling;
pub use self::tracer::{RequestSpan, Source, Tracer};

use crate::config::Tracing;

/// Where spans go, and the task that sends them; `None` where no collector is configured. Has to be
/// called within a Tokio runtime.
pub fn start(settings: Tracing, source: Source, pace: Pace) -> Option<(Tracer, Exporter)> {
    let Tracing {
        endpoint,
        sample_ratio,
        continue_traces,
        service_name,
    } = settings;
    let endpoint = endpoint?;
    let (queue, spans) = tokio::sync::mpsc::channel(pace.queue);
    let exporter = Exporter::start(endpoint, service_name, spans, pace);
    let sampling = Sampling {
        ratio: sample_ratio,
        continues: continue_traces,
    };
    Some((Tracer::new(source, sampling, queue), exporter))
}
