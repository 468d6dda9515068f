//! Whoever connects to the socket and says nothing, or not all of it.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::*;
use crate::http::admin::listener::{CONNECTIONS, PATIENCE};
use crate::throttle::documented::{number, written};

const BEGINNINGS: [&str; 3] = [
    "",
    "POST /reload HTTP/1.0\r\nx-slow: ",
    "POST /tokens/revoke HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
];

/// What is answered before the connection is closed, which it has to be.
async fn answer_to(stream: &mut UnixStream) -> String {
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    let read = tokio::time::timeout(PATIENCE, read).await;
    read.expect("it is closed long before").unwrap();
    answer
}

async fn connect(directory: &Path, beginning: &str) -> UnixStream {
    let mut stream = UnixStream::connect(directory.join(SOCKET)).await.unwrap();
    stream.write_all(beginning.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_slow_on_the_socket_is_shown_out_and_makes_place() {
    let dir = TempDir::new();
    let kept = TempDir::new();
    let mut listener = AdminListener::bind(dir.path()).unwrap();
    listener.patience = Duration::from_millis(300);
    let admin = signing_keys::admin_with(kept.path(), ALL);
    let serving = tokio::spawn(listener.serve(router(admin), std::future::pending()));
    let mut slow = Vec::new();
    for beginning in BEGINNINGS.into_iter().cycle().take(CONNECTIONS) {
        slow.push((beginning, connect(dir.path(), beginning).await));
    }
    let mut command = connect(dir.path(), "GET /users HTTP/1.0\r\n\r\n").await;
    let answer = answer_to(&mut command).await;
    assert!(answer.starts_with("HTTP/1.0 200 OK"), "{answer}");
    for (beginning, mut stream) in slow {
        let answer = answer_to(&mut stream).await;
        let is_told = answer.contains("did not come whole") && answer.contains("invalid_request");
        assert_eq!(is_told, beginning.ends_with('{'), "{beginning}: {answer}");
    }
    serving.abort();
}

#[test]
fn the_bounds_of_the_socket_are_documented() {
    assert_eq!(
        number("commands answered at once"),
        written(CONNECTIONS as u64)
    );
    let patience = format!("{} seconds", PATIENCE.as_secs());
    assert_eq!(
        number("time for a command's head, and for its body"),
        patience
    );
    assert_eq!(
        number("bytes of a command's body"),
        written(LONGEST_BODY as u64)
    );
}
