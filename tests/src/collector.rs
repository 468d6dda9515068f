//! A collector of OpenTelemetry traces: takes whatever comes by OTLP over HTTP, and reads it with
//! OpenTelemetry's own types.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

/// A running collector. Its thread ends with the process.
pub struct Collector {
    port: u16,
    bodies: Bodies,
}

type Bodies = Arc<Mutex<Vec<Bytes>>>;

/// A span with the service that it comes from.
#[derive(Clone, Debug)]
pub struct Collected {
    /// `service.name`.
    pub service: String,
    /// What came.
    pub span: Span,
}

impl Collector {
    /// Starts it.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let bodies = Bodies::default();
        let kept = bodies.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(serve(listener, kept));
        });
        Self { port, bodies }
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// All that has come, as it came.
    pub fn bytes(&self) -> Vec<u8> {
        self.bodies().concat()
    }

    /// Every span that has come.
    ///
    /// # Panics
    /// When something else came.
    pub fn spans(&self) -> Vec<Collected> {
        let mut all = Vec::new();
        for body in self.bodies() {
            let call = ExportTraceServiceRequest::decode(body).expect("an OTLP message");
            for of_service in call.resource_spans {
                let service = service_name(&of_service.resource.unwrap_or_default());
                let scopes = of_service.scope_spans.into_iter();
                all.extend(scopes.flat_map(|scope| scope.spans).map(|span| Collected {
                    service: service.clone(),
                    span,
                }));
            }
        }
        all
    }

    fn bodies(&self) -> Vec<Bytes> {
        let bodies = self.bodies.lock();
        bodies.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn service_name(resource: &Resource) -> String {
    let mut attributes = resource.attributes.iter();
    let name = attributes.find(|attribute| attribute.key == "service.name");
    let value = name.and_then(|name| name.value.as_ref()?.value.as_ref());
    match value {
        Some(Value::StringValue(name)) => name.clone(),
        other => panic!("service.name is {other:?}"),
    }
}

async fn serve(listener: TcpListener, bodies: Bodies) {
    listener.set_nonblocking(true).expect("a listener");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let bodies = bodies.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| keep(request, bodies.clone()));
            // Who went away is no matter.
            let _ = Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn keep(
    request: Request<Incoming>,
    bodies: Bodies,
) -> Result<Response<Empty<Bytes>>, Infallible> {
    let mut response = Response::new(Empty::new());
    let is_export = request.uri().path() == "/v1/traces"
        && request
            .headers()
            .get("content-type")
            .map(|kind| kind.as_bytes())
            == Some(b"application/x-protobuf");
    match request.into_body().collect().await {
        Ok(body) if is_export => {
            let mut bodies = bodies.lock().unwrap_or_else(PoisonError::into_inner);
            bodies.push(body.to_bytes());
        }
        _ => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    Ok(response)
}
