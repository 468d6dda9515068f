//! A collector.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What it answers to the call of this number, counted from 0.
type Answers = dyn Fn(usize) -> Response<Full<Bytes>> + Send + Sync;

pub(super) struct Receiver {
    pub(super) port: u16,
    calls: UnboundedReceiver<ExportTraceServiceRequest>,
}

impl Receiver {
    /// It takes everything.
    pub(super) async fn start() -> Self {
        Self::answering(|_| status(StatusCode::OK)).await
    }

    pub(super) async fn answering(
        answers: impl Fn(usize) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, calls) = unbounded_channel();
        tokio::spawn(serve(listener, sender, Arc::new(answers)));
        Self { port, calls }
    }

    /// The next call, and what it carries.
    pub(super) async fn call(&mut self) -> ExportTraceServiceRequest {
        self.calls.recv().await.unwrap()
    }

    /// The spans of the next call.
    pub(super) async fn spans(&mut self) -> Vec<Span> {
        let mut request = self.call().await;
        let mut resources = request.resource_spans.remove(0);
        assert!(request.resource_spans.is_empty() && resources.scope_spans.len() == 1);
        resources.scope_spans.remove(0).spans
    }

    /// How many calls came that nobody has looked at.
    pub(super) fn waiting(&self) -> usize {
        self.calls.len()
    }
}

pub(super) fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}

async fn serve(
    listener: TcpListener,
    calls: UnboundedSender<ExportTraceServiceRequest>,
    answers: Arc<Answers>,
) {
    for number in 0.. {
        let (stream, _) = listener.accept().await.unwrap();
        let (calls, answers) = (&calls, &answers);
        let service = service_fn(move |request: Request<Incoming>| async move {
            assert_eq!(
                (request.method(), request.uri().path()),
                (&Method::POST, "/v1/traces")
            );
            assert_eq!(request.headers()["content-type"], "application/x-protobuf");
            let body = request.into_body().collect().await.unwrap().to_bytes();
            calls
                .send(ExportTraceServiceRequest::decode(body).unwrap())
                .ok();
            Ok::<_, Infallible>(answers(number))
        });
        // One after the other: there are never two calls at once.
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await
            .ok();
    }
}
