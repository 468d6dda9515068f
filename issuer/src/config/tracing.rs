//! `[tracing]`: where traces go, and of how many requests.

use std::fmt;

use hyper::Uri;
use hyper::header::HeaderValue;
use serde::Deserialize;
use url::{Host, Url};

use super::error::Problems;
use super::located::{Located, Place};
use crate::traces::SampleRatio;

/// Traces.
#[derive(Clone, Debug)]
pub struct Tracing {
    /// `otlp_endpoint`: the collector. Default none, and then nothing is traced.
    pub endpoint: Option<OtlpEndpoint>,
    /// `sample_ratio`: of how many requests that belong to no trace a trace is made. Default all.
    pub sample_ratio: SampleRatio,
    /// `continue_traces`: whether callers say which trace a request belongs to. Default no.
    pub continue_traces: bool,
    /// `service_name`: what the traces call this service. Default `dockgate-issuer`.
    pub service_name: String,
}

/// An OTLP/HTTP collector.
#[derive(Clone, PartialEq, Eq)]
pub struct OtlpEndpoint {
    written: String,
    host: String,
    port: u16,
    authority: HeaderValue,
    traces: Uri,
}

/// Traces for OpenTelemetry ([observability.md](observability.md#traces)).
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TracingTable {
    /// The collector's `http` URL; `/v1/traces` is added to it (OTLP/HTTP, protobuf). Nothing is traced
    /// without it. What is sent has no secret, but is readable on the way: name a collector on this
    /// machine or in a network that you trust, and let that one speak TLS to others.
    #[cfg_attr(test, schemars(extend("examples" = ["http://127.0.0.1:4318"])))]
    pub(super) otlp_endpoint: Option<Located<String>>,
    /// Of how many requests a trace is made that belong to none, 0 for none to 1 for all.
    #[cfg_attr(test, schemars(extend("default" = 1.0, "minimum" = 0.0, "maximum" = 1.0, "examples" = [0.1])))]
    pub(super) sample_ratio: Option<Located<f64>>,
    /// Whether a request with a `traceparent` from `listen.trusted_proxies` belongs to that trace, and is
    /// traced if it says so. For an Envoy that traces itself and takes that header from no client: one
    /// that passes it on lets anybody have every request traced, hide theirs, or write into the trace
    /// of another.
    #[cfg_attr(test, schemars(extend("default" = false, "examples" = [true])))]
    pub(super) continue_traces: Option<Located<bool>>,
    /// What traces call this service (`service.name`), 1 to 255 bytes.
    #[cfg_attr(test, schemars(extend("default" = "dockgate-issuer", "examples" = ["issuer-eu"])))]
    pub(super) service_name: Option<Located<String>>,
}

/// Beside Envoy's own services it says whose it is.
const SERVICE_NAME: &str = "dockgate-issuer";
const MAX_NAME_BYTES: usize = 255;

impl TracingTable {
    pub(super) fn check(self, problems: &mut Problems) -> Tracing {
        Tracing {
            endpoint: self.otlp_endpoint.and_then(|at| endpoint(at, problems)),
            sample_ratio: self
                .sample_ratio
                .and_then(|ratio| sample_ratio(&ratio, problems))
                .unwrap_or(SampleRatio::ALL),
            continue_traces: self.continue_traces.is_some_and(|flag| flag.value),
            service_name: self
                .service_name
                .and_then(|name| service_name(name, problems))
                .unwrap_or_else(|| SERVICE_NAME.to_owned()),
        }
    }
}

fn sample_ratio(written: &Located<f64>, problems: &mut Problems) -> Option<SampleRatio> {
    let ratio = SampleRatio::new(written.value);
    if ratio.is_none() {
        problems.add(
            &written.place,
            format!("tracing.sample_ratio is {}", written.value),
            "Write a number from 0 (none) to 1 (all); the default is 1",
        );
    }
    ratio
}

fn service_name(written: Located<String>, problems: &mut Problems) -> Option<String> {
    let Located { value, place } = written;
    let is_good = !value.trim().is_empty()
        && value.len() <= MAX_NAME_BYTES
        && !value.chars().any(char::is_control);
    if !is_good {
        problems.add(
            &place,
            format!("tracing.service_name {value:?} is no name"),
            format!("Write a name of 1 to {MAX_NAME_BYTES} bytes, such as {SERVICE_NAME:?}"),
        );
    }
    is_good.then_some(value)
}

fn endpoint(written: Located<String>, problems: &mut Problems) -> Option<OtlpEndpoint> {
    let Located { value, place } = written;
    match OtlpEndpoint::parse(&value) {
        Ok(endpoint) => Some(endpoint),
        Err(wrong) => {
            refuse(&place, &value, wrong, problems);
            None
        }
    }
}

fn refuse(place: &Place, value: &str, wrong: NoEndpoint, problems: &mut Problems) {
    // What stands before the host is a secret, and the message goes into a log.
    let shown = match wrong {
        NoEndpoint::Credentials => String::new(),
        _ => format!("{value:?} "),
    };
    let instead = match wrong {
        NoEndpoint::Tls => {
            "Write the http URL of a collector on this machine, such as \"http://127.0.0.1:4318\", and have that one speak TLS to others"
        }
        _ => "Write the collector's URL, such as \"http://127.0.0.1:4318\"",
    };
    problems.add(
        place,
        format!("tracing.otlp_endpoint {shown}{wrong}"),
        instead,
    );
}

/// Why a text is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoEndpoint {
    NoUrl,
    Tls,
    OtherScheme,
    Credentials,
    QueryOrFragment,
}

impl fmt::Display for NoEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoUrl => "is no URL",
            Self::Tls => "is https, which is not spoken to collectors",
            Self::OtherScheme => "is no http URL",
            Self::Credentials => "has a user name or a password in it",
            Self::QueryOrFragment => "has a query or a fragment",
        })
    }
}

impl OtlpEndpoint {
    fn parse(text: &str) -> Result<Self, NoEndpoint> {
        let url = Url::parse(text).map_err(|_| NoEndpoint::NoUrl)?;
        match url.scheme() {
            "http" => {}
            "https" => return Err(NoEndpoint::Tls),
            _ => return Err(NoEndpoint::OtherScheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NoEndpoint::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(NoEndpoint::QueryOrFragment);
        }
        let host = url.host().ok_or(NoEndpoint::NoUrl)?;
        let port = url.port_or_known_default().ok_or(NoEndpoint::NoUrl)?;
        let authority = HeaderValue::from_str(&format!("{host}:{port}"));
        // Base URL and signal, as in OTLP's `OTEL_EXPORTER_OTLP_ENDPOINT`.
        let traces = format!("{}/v1/traces", url.path().trim_end_matches('/'));
        Ok(Self {
            written: text.to_owned(),
            host: match host {
                Host::Ipv6(address) => address.to_string(),
                host => host.to_string(),
            },
            port,
            authority: authority.map_err(|_| NoEndpoint::NoUrl)?,
            traces: traces.parse().map_err(|_| NoEndpoint::NoUrl)?,
        })
    }

    /// A name or an address.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What goes into `Host`.
    pub(crate) fn authority(&self) -> &HeaderValue {
        &self.authority
    }

    /// The path that traces are sent to.
    pub(crate) fn traces(&self) -> &Uri {
        &self.traces
    }
}

/// As it is written; it has no secret.
impl fmt::Display for OtlpEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl fmt::Debug for OtlpEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.written)
    }
}
