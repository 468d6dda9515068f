//! What goes to a collector that is there.

use std::time::Duration;

use http_body_util::Full;
use hyper::{Response, StatusCode};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as SpanStatus;
use prost::Message as _;

use super::receiver::{Receiver, status};
use super::*;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// So soon that a test need not wait, so late that nothing depends on it.
const SOON: Pace = Pace {
    queue: 64,
    batch: 3,
    interval: Duration::from_millis(20),
    timeout: Duration::from_secs(30),
    first_pause: Duration::from_millis(5),
    longest_pause: Duration::from_millis(20),
    attempts: 5,
};

#[tokio::test]
async fn a_collector_reads_what_a_request_was() {
    let _alone = alone().await;
    let mut receiver = Receiver::start().await;
    let (tracer, exporter) = traces_to(receiver.port, SOON);
    let before = system_nanos();
    let span = tracer
        .request(Parent::parse(PARENT.as_bytes()), "POST", Some("/token"))
        .unwrap();
    span.within(async { drop(child("sign token")) }).await;
    span.answered(503);
    exporter.flush(Duration::from_secs(30)).await;
    let after = system_nanos();

    let call = receiver.call().await;
    let [of_service] = &call.resource_spans[..] else {
        panic!("{call:?}")
    };
    let resource = &of_service.resource.as_ref().unwrap().attributes;
    assert_eq!(text(resource, "service.name"), Some("dockgate-issuer"));
    assert_eq!(
        text(resource, "service.version"),
        Some(env!("CARGO_PKG_VERSION"))
    );
    let [of_scope] = &of_service.scope_spans[..] else {
        panic!("{call:?}")
    };
    assert_eq!(of_scope.scope.as_ref().unwrap().name, "dockgate-issuer");
    let [part, whole] = &of_scope.spans[..] else {
        panic!("{call:?}")
    };

    assert_eq!(whole.name, "POST /token");
    assert_eq!(whole.kind(), SpanKind::Server);
    assert_eq!(hex(&whole.trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(hex(&whole.parent_span_id), "b7ad6b7169203331");
    // Sampled, and its parent is known to be elsewhere.
    assert_eq!(whole.flags, 0x301);
    assert_eq!(whole.status.as_ref().unwrap().code(), SpanStatus::Error);
    let names: Vec<_> = whole.attributes.iter().map(|at| &*at.key).collect();
    assert_eq!(
        names,
        [
            "http.request.method",
            "url.scheme",
            "server.address",
            "http.route",
            "http.response.status_code",
            "error.type",
        ]
    );
    let attribute = |key| text(&whole.attributes, key);
    assert_eq!(attribute("http.request.method"), Some("POST"));
    assert_eq!(attribute("url.scheme"), Some("http"));
    assert_eq!(attribute("server.address"), Some("localhost"));
    assert_eq!(attribute("http.route"), Some("/token"));
    assert_eq!(attribute("error.type"), Some("503"));
    let status = whole.attributes[4].value.as_ref().unwrap();
    assert_eq!(status.value, Some(Value::IntValue(503)));

    assert_eq!(part.name, "sign token");
    assert_eq!(part.kind(), SpanKind::Internal);
    assert_eq!(part.trace_id, whole.trace_id);
    assert_eq!(part.parent_span_id, whole.span_id);
    assert_ne!(part.span_id, whole.span_id);
    assert_eq!(part.flags, 0x101);
    assert!(part.status.is_none() && part.attributes.is_empty());

    let times = [
        before,
        whole.start_time_unix_nano,
        part.start_time_unix_nano,
        part.end_time_unix_nano,
        whole.end_time_unix_nano,
        // The two clocks need not agree to the last.
        after + 1_000_000,
    ];
    assert!(times.is_sorted(), "{times:?}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_method_or_path_of_a_clients_own_is_not_told() {
    let _alone = alone().await;
    let mut receiver = Receiver::start().await;
    let (tracer, exporter) = traces_to(receiver.port, SOON);
    tracer.request(None, "WONDER", None).unwrap().answered(405);
    exporter.flush(Duration::from_secs(30)).await;
    let [span] = &receiver.spans().await[..] else {
        panic!("one span")
    };
    assert_eq!(span.name, "HTTP");
    assert_eq!(
        text(&span.attributes, "http.request.method"),
        Some("_OTHER")
    );
    assert_eq!(text(&span.attributes, "http.route"), None);
    assert_eq!(span.parent_span_id, [0; 0]);
    assert!(span.status.is_none(), "the client's fault is no error");
}

#[tokio::test]
async fn spans_go_together_in_batches_and_none_waits_for_long() {
    let _alone = alone().await;
    let before = (
        spans(SpanOutcome::Exported),
        exports(ExportOutcome::Success),
    );
    let mut receiver = Receiver::start().await;
    let (tracer, _exporter) = traces_to(receiver.port, SOON);
    for _ in 0..7 {
        request(&tracer, 200);
    }
    for expected in [3, 3, 1] {
        assert_eq!(receiver.spans().await.len(), expected);
    }
    // One more, when the first have long been taken.
    request(&tracer, 200);
    assert_eq!(receiver.spans().await.len(), 1);
    request(&tracer, 200);
    assert_eq!(receiver.spans().await.len(), 1);
    // The answer to the last call may be under way.
    assert!(spans(SpanOutcome::Exported) >= before.0 + 8);
    assert!(exports(ExportOutcome::Success) >= before.1 + 4);
}

#[tokio::test]
async fn what_a_collector_refuses_is_counted_and_not_sent_again() {
    let _alone = alone().await;
    let refused = spans(SpanOutcome::Refused);
    let mut receiver = Receiver::answering(|_| status(StatusCode::BAD_REQUEST)).await;
    let (tracer, exporter) = traces_to(receiver.port, SOON);
    request(&tracer, 200);
    request(&tracer, 200);
    exporter.flush(Duration::from_secs(30)).await;
    assert_eq!(receiver.spans().await.len(), 2);
    assert_eq!(receiver.waiting(), 0);
    assert_eq!(spans(SpanOutcome::Refused), refused + 2);
}

#[tokio::test]
async fn a_part_that_a_collector_refuses_is_counted() {
    let _alone = alone().await;
    let before = (spans(SpanOutcome::Refused), spans(SpanOutcome::Exported));
    let receiver = Receiver::answering(|_| {
        let answer = ExportTraceServiceResponse {
            partial_success: Some(ExportTracePartialSuccess {
                rejected_spans: 1,
                error_message: "one of them".to_owned(),
            }),
        };
        Response::new(Full::from(answer.encode_to_vec()))
    })
    .await;
    let (tracer, exporter) = traces_to(receiver.port, SOON);
    for _ in 0..3 {
        request(&tracer, 200);
    }
    exporter.flush(Duration::from_secs(30)).await;
    assert_eq!(spans(SpanOutcome::Refused), before.0 + 1);
    assert_eq!(spans(SpanOutcome::Exported), before.1 + 2);
}

#[tokio::test]
async fn a_collector_that_says_later_gets_the_same_spans_again() {
    let _alone = alone().await;
    let before = (
        exports(ExportOutcome::Refused),
        spans(SpanOutcome::Exported),
    );
    let later = |number| match number {
        0 => status(StatusCode::SERVICE_UNAVAILABLE),
        1 => status(StatusCode::TOO_MANY_REQUESTS),
        _ => status(StatusCode::OK),
    };
    let mut receiver = Receiver::answering(later).await;
    let (tracer, exporter) = traces_to(receiver.port, SOON);
    request(&tracer, 200);
    let first = receiver.spans().await;
    assert_eq!(receiver.spans().await, first);
    assert_eq!(receiver.spans().await, first);
    exporter.flush(Duration::from_secs(30)).await;
    assert_eq!(receiver.waiting(), 0);
    assert_eq!(exports(ExportOutcome::Refused), before.0 + 2);
    assert_eq!(spans(SpanOutcome::Exported), before.1 + 1);
}
