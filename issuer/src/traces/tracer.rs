//! Begins and ends spans.

use std::sync::Arc;

use dockgate_token::Issuer;
use tokio::sync::mpsc::Sender;

use super::current::{self, Trace};
use super::ids::{SpanId, TraceId};
use super::outcome::SpanOutcome;
use super::parent::Parent;
use super::sampling::{Decision, Sampling, decide};
use super::span::{ParentSpan, Span, SpanKind, Value};
use crate::clock::{UnixNanos, Uptime};
use crate::entropy::Entropy;
use crate::metrics;

/// Begins spans; what they become is the exporter's affair. A copy is the same one.
#[derive(Clone)]
pub struct Tracer(Arc<Inner>);

struct Inner {
    source: Source,
    sampling: Sampling,
    queue: Sender<Span>,
    scheme: &'static str,
    host: String,
}

/// Where times and names come from, and who the server is.
pub struct Source {
    /// The public origin, which is what clients call.
    pub issuer: Issuer,
    /// When something happened.
    pub clock: fn() -> UnixNanos,
    /// How long it took, whatever happens to the clock meanwhile.
    pub uptime: Uptime,
    /// The names of traces and spans.
    pub entropy: Entropy,
}

/// Methods that are told by name; what else a client sends is `_OTHER` (OpenTelemetry semantic
/// conventions, HTTP spans).
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];
/// How a method without a name of its own is called in a span's name (ibid.).
const OTHER: (&str, &str) = ("_OTHER", "HTTP");

impl Tracer {
    pub(super) fn new(source: Source, sampling: Sampling, queue: Sender<Span>) -> Self {
        let origin = source.issuer.origin();
        let (scheme, host) = match origin.strip_prefix("https://") {
            Some(authority) => ("https", host_of(authority)),
            None => ("http", host_of(origin.trim_start_matches("http://"))),
        };
        let host = host.to_owned();
        Self(Arc::new(Inner {
            source,
            sampling,
            queue,
            scheme,
            host,
        }))
    }

    /// The span of a request that arrives now, if it is to have one. `route` is the pattern of the
    /// router.
    pub fn request(
        &self,
        parent: Option<Parent>,
        method: &str,
        route: Option<&str>,
    ) -> Option<RequestSpan> {
        let entropy = self.0.source.entropy;
        let (trace, parent) = match decide(parent, self.0.sampling, || TraceId::random(entropy)) {
            Decision::Continued(parent) => (parent.trace, Some(ParentSpan::Caller(parent.span))),
            Decision::Begun(trace) => (trace, None),
            Decision::Not => return None,
        };
        let began = (self.0.source.uptime)();
        let trace = Trace {
            tracer: self.clone(),
            id: trace,
            request: SpanId::random(entropy)?,
            start: (self.0.source.clock)(),
            began,
        };
        let known = METHODS.into_iter().find(|known| *known == method);
        let (method, in_name) = known.map_or(OTHER, |method| (method, method));
        Some(RequestSpan {
            trace,
            parent,
            method,
            name: in_name,
            route: route.map(str::to_owned),
            status: None,
        })
    }

    /// Hands over a span that has ended; never waits.
    pub(super) fn ended(&self, span: Span) {
        if self.0.queue.try_send(span).is_err() {
            metrics::trace_spans(SpanOutcome::Dropped, 1);
        }
    }

    pub(super) fn new_span(&self) -> Option<SpanId> {
        SpanId::random(self.0.source.entropy)
    }

    pub(super) fn uptime(&self) -> std::time::Duration {
        (self.0.source.uptime)()
    }
}

/// `server.address`: without the port, and an IPv6 address without its brackets.
fn host_of(authority: &str) -> &str {
    let bracketed = authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    let plain = || {
        authority
            .split_once(':')
            .map_or(authority, |(host, _)| host)
    };
    bracketed.map_or_else(plain, |(address, _)| address)
}

/// The span of a request, which ends when this is dropped: also where nobody waits for the answer any
/// more.
pub struct RequestSpan {
    trace: Trace,
    parent: Option<ParentSpan>,
    method: &'static str,
    name: &'static str,
    route: Option<String>,
    status: Option<u16>,
}

impl RequestSpan {
    /// Does the request's work; spans that begin meanwhile are part of this one, and lines of the log
    /// have the trace's name.
    pub async fn within<T>(&self, work: impl Future<Output = T>) -> T {
        current::within(self.trace.clone(), work).await
    }

    /// The request was answered.
    pub fn answered(mut self, status: u16) {
        self.status = Some(status);
    }

    fn attributes(&self) -> Vec<(&'static str, Value)> {
        let text = |text: &str| Value::Text(text.to_owned());
        let of = &self.trace.tracer.0;
        let mut attributes = vec![
            ("http.request.method", text(self.method)),
            ("url.scheme", text(of.scheme)),
            ("server.address", text(&of.host)),
        ];
        if let Some(route) = &self.route {
            attributes.push(("http.route", text(route)));
        }
        if let Some(status) = self.status {
            attributes.push(("http.response.status_code", Value::Number(status.into())));
            if self.failed() {
                attributes.push(("error.type", Value::Text(status.to_string())));
            }
        }
        attributes
    }

    /// Only what is the server's fault is an error of its span (ibid., "Status").
    fn failed(&self) -> bool {
        self.status.is_some_and(|status| status >= 500)
    }
}

impl Drop for RequestSpan {
    fn drop(&mut self) {
        let trace = &self.trace;
        let name = match &self.route {
            Some(route) => format!("{} {route}", self.name),
            None => self.name.to_owned(),
        };
        trace.tracer.ended(Span {
            trace: trace.id,
            id: trace.request,
            parent: self.parent,
            name,
            kind: SpanKind::Server,
            start: trace.start,
            end: trace.now(),
            attributes: self.attributes(),
            failed: self.failed(),
        });
    }
}
