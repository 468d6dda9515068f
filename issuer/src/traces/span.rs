//! A span that has ended.

use super::ids::{SpanId, TraceId};

/// What is sent of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) trace: TraceId,
    pub(super) id: SpanId,
    pub(super) parent: Option<ParentSpan>,
    pub(super) name: String,
    pub(super) kind: SpanKind,
    /// Nanoseconds since the Unix epoch.
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) attributes: Vec<(&'static str, Value)>,
    pub(super) failed: bool,
}

/// The span that it is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParentSpan {
    /// In this process.
    Here(SpanId),
    /// The caller's.
    Caller(SpanId),
}

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpanKind {
    /// A request that is answered.
    Server,
    /// Something on the way to the answer.
    Internal,
}

/// A value of the program's own, or a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
}
