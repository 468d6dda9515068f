//! Requests of the real router, as a collector hears of them.

use std::net::IpAddr;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;

use super::super::client_address::Peer;
use super::*;
use crate::traces::Pace;
use crate::traces::tests::traces_to;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Asks as `peer`; gives what the collector got, as it came and as it reads.
async fn traced(peer: &str, request: Request<Body>) -> (Vec<u8>, Vec<Span>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (tracer, exporter) = traces_to(listener.local_addr().unwrap().port(), Pace::default());
    let directory = TempDir::new();
    let mut app = demo_app_in(directory.path(), "http://localhost:8080");
    app.tracer = Some(tracer);
    let (current, _keys) = running(app, [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA]);
    let mut request = request;
    let peer: IpAddr = peer.parse().unwrap();
    request.extensions_mut().insert(Peer(peer));
    TowerToHyperService::new(router::router(&current))
        .call(request)
        .await
        .unwrap();
    let flushing = tokio::spawn(exporter.flush(Duration::from_secs(30)));
    let bytes = one_call(listener).await;
    flushing.await.unwrap();
    let read = ExportTraceServiceRequest::decode(&*bytes).unwrap();
    let spans = read.resource_spans.into_iter();
    let spans = spans.flat_map(|resource| resource.scope_spans);
    (bytes, spans.flat_map(|scope| scope.spans).collect())
}

/// The body of the one call that comes.
async fn one_call(listener: TcpListener) -> Vec<u8> {
    let (stream, _) = listener.accept().await.unwrap();
    let (sender, mut body) = tokio::sync::mpsc::channel(1);
    let service = service_fn(|request: Request<Incoming>| {
        let sender = sender.clone();
        async move {
            let body = request.into_body().collect().await?.to_bytes();
            sender.send(body.to_vec()).await.unwrap();
            Ok::<_, hyper::Error>(Response::<Body>::default())
        }
    });
    let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    serving.await.unwrap();
    body.recv().await.unwrap()
}

fn token(parent: Option<&str>) -> Request<Body> {
    let mut request = Request::post("/token?secret-query=1").header(FORM.0, FORM.1);
    if let Some(parent) = parent {
        request = request.header("traceparent", parent);
    }
    request.body(Body::from(GOOD)).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_token_request_is_one_trace_with_its_parts_and_no_secret() {
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let (bytes, spans) = traced("127.0.0.1", token(Some(&parent))).await;
    let names: Vec<_> = spans.iter().map(|span| &*span.name).collect();
    assert_eq!(names, ["sign token", "POST /token"]);
    assert!(spans.iter().all(|span| hex(&span.trace_id) == TRACE));
    assert_eq!(hex(&spans[1].parent_span_id), "b7ad6b7169203331");
    assert_eq!(spans[0].parent_span_id, spans[1].span_id);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("http.route"), "it would be found");
    for hidden in [
        "service-secret",
        "secret-query",
        "client_credentials",
        "eyJ",
    ] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn who_is_no_proxy_chooses_no_trace_and_hides_from_none() {
    for flag in ["01", "00"] {
        let parent = format!("00-{TRACE}-b7ad6b7169203331-{flag}");
        let (_, spans) = traced("192.0.2.1", token(Some(&parent))).await;
        assert_ne!(hex(&spans[1].trace_id), TRACE);
        assert!(spans[1].parent_span_id.is_empty());
    }
}

#[tokio::test]
async fn a_bad_parent_begins_a_new_trace() {
    let (_, spans) = traced("127.0.0.1", token(Some("00-garbage"))).await;
    assert!(spans[1].parent_span_id.is_empty());
}

#[tokio::test]
async fn a_path_that_is_nowhere_is_not_told() {
    let request = Request::get("/alice@example.com?code=1").body(Body::empty());
    let (bytes, spans) = traced("127.0.0.1", request.unwrap()).await;
    assert_eq!(spans[0].name, "GET");
    assert!(!String::from_utf8_lossy(&bytes).contains("alice"));
}
