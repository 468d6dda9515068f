//! A collector that is not there, or says nothing: nobody waits, memory has an end, and what is gone
//! is counted.

use std::time::Duration;

use tokio::net::TcpListener;

use super::*;

/// A port that nobody listens on, but where somebody has: so it is nobody else's.
async fn nobody() -> (u16, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (listener.local_addr().unwrap().port(), listener)
}

#[tokio::test]
async fn what_has_no_room_is_dropped_at_once() {
    let _alone = alone().await;
    // It accepts connections, as the kernel does for it, and never answers.
    let (port, _listener) = nobody().await;
    let before = (spans(SpanOutcome::Dropped), spans(SpanOutcome::Lost));
    let pace = Pace {
        queue: 4,
        batch: 2,
        ..Pace::default()
    };
    let (tracer, exporter) = traces_to(port, pace);
    for _ in 0..20 {
        request(&tracer, 200);
    }
    // Nothing was taken out meanwhile: there is one thread, and it was never given up.
    assert_eq!(spans(SpanOutcome::Dropped), before.0 + 16);
    exporter.flush(Duration::from_millis(50)).await;
    assert_eq!(spans(SpanOutcome::Lost), before.1 + 4);
    request(&tracer, 200);
    assert_eq!(spans(SpanOutcome::Dropped), before.0 + 17, "after the end");
}

#[tokio::test]
async fn spans_are_given_up_after_some_calls_and_later_ones_arrive() {
    let _alone = alone().await;
    let before = (
        spans(SpanOutcome::Lost),
        exports(ExportOutcome::Unreachable),
    );
    let (port, listener) = nobody().await;
    drop(listener);
    let pace = Pace {
        interval: Duration::from_millis(1),
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(2),
        attempts: 3,
        ..Pace::default()
    };
    let (tracer, exporter) = traces_to(port, pace);
    request(&tracer, 200);
    while spans(SpanOutcome::Lost) == before.0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(spans(SpanOutcome::Lost), before.0 + 1);
    assert_eq!(exports(ExportOutcome::Unreachable), before.1 + 3);
    // The task lives on.
    request(&tracer, 200);
    exporter.flush(Duration::from_secs(30)).await;
    assert_eq!(spans(SpanOutcome::Lost), before.0 + 2);
}

#[tokio::test]
async fn a_call_without_an_answer_ends_in_time() {
    let _alone = alone().await;
    let before = exports(ExportOutcome::Unreachable);
    let (port, _listener) = nobody().await;
    let pace = Pace {
        interval: Duration::from_millis(1),
        timeout: Duration::from_millis(5),
        ..Pace::default()
    };
    let (tracer, _exporter) = traces_to(port, pace);
    request(&tracer, 200);
    while exports(ExportOutcome::Unreachable) == before {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
