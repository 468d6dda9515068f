//! The trace of the request that a task answers.

use std::fmt;
use std::time::Duration;

use tokio::task_local;

use super::ids::{SpanId, TraceId};
use super::span::{ParentSpan, Span, SpanKind};
use super::tracer::Tracer;
use crate::clock::UnixNanos;

task_local! {
    static TRACE: Trace;
}

/// A trace as far as this request goes.
#[derive(Clone)]
pub(super) struct Trace {
    pub(super) tracer: Tracer,
    pub(super) id: TraceId,
    /// The request's own span.
    pub(super) request: SpanId,
    /// When it began.
    pub(super) start: UnixNanos,
    /// The same moment on the clock that cannot be set, by which all others are told: the spans of a
    /// request stay within it, whatever happens to the other clock.
    pub(super) began: Duration,
}

impl Trace {
    pub(super) fn now(&self) -> UnixNanos {
        let since = self.tracer.uptime().saturating_sub(self.began);
        let since = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
        self.start.saturating_add(since)
    }
}

/// Does the work of the request with this trace.
pub(super) async fn within<T>(trace: Trace, work: impl Future<Output = T>) -> T {
    TRACE.scope(trace, work).await
}

/// Shows the trace's name to `to`, if the request that is answered has one.
pub fn with_trace_id<T>(to: impl FnOnce(&dyn fmt::Display) -> T) -> Option<T> {
    TRACE.try_with(|trace| to(&trace.id)).ok()
}

/// Measures a part of the request that is answered, for as long as this is kept; nothing if it has no
/// trace.
pub fn child(name: &'static str) -> Option<Child> {
    let trace = TRACE.try_with(Trace::clone).ok()?;
    Some(Child {
        id: trace.tracer.new_span()?,
        start: trace.now(),
        name,
        trace,
    })
}

/// A span within a request's, which ends when this is dropped.
pub struct Child {
    trace: Trace,
    id: SpanId,
    start: UnixNanos,
    name: &'static str,
}

impl Drop for Child {
    fn drop(&mut self) {
        self.trace.tracer.ended(Span {
            trace: self.trace.id,
            id: self.id,
            parent: Some(ParentSpan::Here(self.trace.request)),
            name: self.name.to_owned(),
            kind: SpanKind::Internal,
            start: self.start,
            end: self.trace.now(),
            attributes: Vec::new(),
            failed: false,
        });
    }
}
