//! The end of the issuer: what waits is sent, for as long as there is time.

use std::time::Duration;

use hyper::StatusCode;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::receiver::{Receiver, status};
use super::*;

/// Nothing would be sent before the test is over.
const LATE: Pace = Pace {
    queue: 2048,
    batch: 10,
    interval: Duration::from_secs(3600),
    timeout: Duration::from_secs(3600),
    first_pause: Duration::from_secs(3600),
    longest_pause: Duration::from_secs(3600),
    attempts: 5,
};

#[tokio::test]
async fn all_that_waits_is_sent_at_the_end() {
    let _alone = alone().await;
    let exported = spans(SpanOutcome::Exported);
    let mut receiver = Receiver::start().await;
    let (tracer, exporter) = traces_to(receiver.port, LATE);
    for _ in 0..25 {
        request(&tracer, 200);
    }
    exporter.flush(Duration::from_secs(30)).await;
    let mut sent = 0;
    while receiver.waiting() > 0 {
        sent += receiver.spans().await.len();
    }
    assert_eq!(sent, 25);
    assert_eq!(spans(SpanOutcome::Exported), exported + 25);
}

#[tokio::test]
async fn a_pause_after_a_failure_ends_with_one_more_call() {
    let _alone = alone().await;
    let exported = spans(SpanOutcome::Exported);
    let first_fails = |number| match number {
        0 => status(StatusCode::SERVICE_UNAVAILABLE),
        _ => status(StatusCode::OK),
    };
    let mut receiver = Receiver::answering(first_fails).await;
    let (tracer, exporter) = traces_to(receiver.port, Pace { batch: 1, ..LATE });
    request(&tracer, 200);
    receiver.call().await;
    exporter.flush(Duration::from_secs(30)).await;
    assert_eq!(receiver.waiting(), 1);
    assert_eq!(spans(SpanOutcome::Exported), exported + 1);
}

#[tokio::test]
async fn a_collector_that_does_not_answer_holds_up_nobody() {
    let _alone = alone().await;
    let lost = spans(SpanOutcome::Lost);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (tracer, exporter) = traces_to(listener.local_addr().unwrap().port(), LATE);
    for _ in 0..25 {
        request(&tracer, 200);
    }
    // A call is under way when the end comes.
    listener.accept().await.unwrap();
    let began = Instant::now();
    exporter.flush(Duration::from_millis(50)).await;
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(spans(SpanOutcome::Lost), lost + 25);
}
