//! Long answers of AI APIs, and websockets.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::time::Duration;

use dockgate_stack::now;
use dockgate_tests::authorization_server::service_token;
use dockgate_tests::demo;
use dockgate_tests::http::{get, post, read_head};
use serde_json::json;

#[test]
fn an_event_stream_of_sixty_seconds_arrives_event_by_event() {
    let stack = demo();
    let body =
        json!({"model": "demo", "stream": true, "dockgate_stream_seconds": 60, "messages": []});
    let request = post("/v1/chat/completions")
        .bearer(&service_token(&stack, "api:write"))
        .json(&body);
    let started = now();
    let mut reader = BufReader::new(request.open(stack.ports().http));
    let (status, headers) = read_head(&mut reader);
    assert_eq!(status, 200);
    assert!(
        headers.contains(&("content-type".to_owned(), "text/event-stream".to_owned())),
        "{headers:?}"
    );
    let mut events = Vec::new();
    for line in reader.lines() {
        let line = line.expect("the stream goes on");
        if let Some(data) = line.strip_prefix("data: ") {
            events.push((started.elapsed(), data.to_owned()));
        }
    }
    let (ended, last) = events.last().cloned().expect("events");
    assert_eq!(last, "[DONE]");
    assert!(ended >= Duration::from_secs(59), "{ended:?}");
    assert!(events.len() >= 55, "{}", events.len());
    let longest_pause = events
        .windows(2)
        .map(|pair| pair[1].0 - pair[0].0)
        .max()
        .unwrap();
    assert!(
        longest_pause < Duration::from_secs(10),
        "nothing was held back: {longest_pause:?}"
    );
}

#[test]
fn a_websocket_opens_with_a_token_and_not_without() {
    let stack = demo();
    let upgrade = || {
        get("/api/ws")
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    };
    let mut refused = BufReader::new(upgrade().open(stack.ports().http));
    assert_eq!(read_head(&mut refused).0, 401);

    let token = service_token(&stack, "api:read");
    let mut stream = upgrade().bearer(&token).open(stack.ports().http);
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    assert_eq!(read_head(&mut reader).0, 101);
    // RFC 6455 §5.7: a masked text frame "Hello", and its echo without a mask.
    stream
        .write_all(&[
            0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
        ])
        .unwrap();
    let mut echo = [0; 7];
    reader.read_exact(&mut echo).unwrap();
    assert_eq!(&echo, b"\x81\x05Hello");
}
