//! What a line looks like.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, Once};

use serde_json::Value;
use tracing::{debug, info, warn};

use super::*;
use crate::traces::tests::traces_to;
use crate::traces::{Pace, Parent};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What `work` writes at level `info`, without the time.
fn lines<F>(format: F, work: impl FnOnce()) -> Vec<String>
where
    F: FormatEvent<Registry, tracing_subscriber::fmt::format::DefaultFields>
        + Send
        + Sync
        + 'static,
{
    let written = Lines::default();
    let to = written.clone();
    let lines = layer()
        .event_format(format)
        .with_writer(move || to.clone())
        .with_ansi(false);
    let subscriber = tracing_subscriber::registry()
        .with(lines)
        .with(filter(LogLevel::Info));
    listen_to_all();
    tracing::subscriber::with_default(subscriber, work);
    let bytes = written.0.lock().unwrap();
    String::from_utf8_lossy(&bytes)
        .lines()
        .map(str::to_owned)
        .collect()
}

fn text(work: impl FnOnce()) -> Vec<String> {
    let lines = lines(Text, work);
    lines
        .iter()
        .map(|line| line.split_once('Z').unwrap().1.to_owned())
        .collect()
}

#[test]
fn a_line_of_text_is_level_message_and_fields() {
    let written = text(|| {
        info!(client_id = %"web", scope = "a b", count = 3, none = None::<&str>, "token issued");
        debug!("not at this level");
        warn!(target: "sled", "of another library");
        info!(target: "sled", "of another library, and too much");
    });
    assert_eq!(
        written,
        [
            "  INFO token issued client_id=web scope=\"a b\" count=3",
            "  WARN of another library",
        ]
    );
}

#[test]
fn nothing_that_is_written_begins_another_line_or_moves_a_cursor() {
    let bad = "a\nINFO forged\r\u{1b}[2J\u{9b}";
    let written = text(|| info!(display = %bad, text = bad, "it failed: {bad}"));
    assert_eq!(written.len(), 1);
    assert!(!written[0].chars().any(char::is_control), "{written:?}");
    let written = lines(
        Json,
        || info!(display = %bad, text = bad, "it failed: {bad}"),
    );
    assert_eq!(written.len(), 1);
    let line: Value = serde_json::from_str(&written[0]).unwrap();
    assert_eq!(line["text"], bad);
}

#[test]
fn a_line_of_json_has_one_schema() {
    let written = lines(
        Json,
        || info!(client_id = %"web", count = 3, on = true, "token issued"),
    );
    let line: Value = serde_json::from_str(&written[0]).unwrap();
    let members: Vec<_> = line.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        ["client_id", "count", "level", "message", "on", "timestamp"]
    );
    assert!(written[0].starts_with("{\"timestamp\":\"20"), "{written:?}");
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["message"], "token issued");
    assert_eq!(line["client_id"], "web");
    assert_eq!(line["count"], 3);
}

#[test]
fn every_line_of_a_request_has_its_id_once() {
    fn write() {
        info!("without");
        info!(request_id = "abc", "with");
    }
    let within = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(request::within("abc".to_owned(), async { write() }));
        write();
    };
    let written = text(within);
    assert_eq!(
        written,
        [
            "  INFO without request_id=\"abc\"",
            "  INFO with request_id=\"abc\"",
            "  INFO without",
            "  INFO with request_id=\"abc\"",
        ]
    );
    let written = lines(Json, within);
    let counts: Vec<_> = written
        .iter()
        .map(|l| l.matches("request_id").count())
        .collect();
    assert_eq!(counts, [1, 1, 0, 1]);
}

#[test]
fn every_line_of_a_traced_request_has_the_name_of_its_trace() {
    let within = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (tracer, _exporter) = traces_to(9, Pace::default());
            let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
            let parent = Parent::parse(parent.as_bytes());
            let span = tracer.request(parent, "GET", None).unwrap();
            span.within(async { info!("within") }).await;
            info!("after");
        });
    };
    assert_eq!(
        text(within),
        [
            "  INFO within trace_id=\"0af7651916cd43dd8448eb211c80319c\"",
            "  INFO after",
        ]
    );
    let written = lines(Json, within);
    let first: Value = serde_json::from_str(&written[0]).unwrap();
    assert_eq!(first["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    assert!(!written[1].contains("trace_id"));
}

/// Has somebody listen in this process for good: a place in the code that is first reached while nobody
/// listens on its thread would otherwise be taken for one that nobody listens to on any.
pub(crate) fn listen_to_all() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
    });
}
