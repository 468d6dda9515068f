//! The accept loop, with real sockets.

use std::net::SocketAddr;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

/// Short for a test, long for a machine that is busy.
const HEADER_TIMEOUT: Duration = Duration::from_millis(300);
/// After this a connection counts as never closed.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    accepting: JoinHandle<Connections>,
}

async fn server(connections: usize) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/", get(async || "hello"))
        .route("/echo", post(async |body: String| body));
    let limits = Limits {
        connections,
        header_read_timeout: HEADER_TIMEOUT,
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let accepting = tokio::spawn(accept(listener, router, limits, async {
        stopped.await.ok();
    }));
    Server {
        address,
        stop,
        accepting,
    }
}

async fn connect(server: &Server, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// What comes until the server closes the connection.
async fn read_to_end(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut text))
        .await
        .expect("closed")
        .ok();
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn a_connection_that_sends_no_full_head_is_closed() {
    let server = server(10).await;
    for bytes in [
        "",
        "P",
        "PRI * HTTP/2.0",
        "GET / HTTP/1.1\r\nhost: a\r\n",
        "GET / HTTP/1.1\r\nhost: ",
    ] {
        let stream = connect(&server, bytes.as_bytes()).await;
        assert_eq!(read_to_end(stream).await, "", "{bytes:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_answer() {
    let server = server(10).await;
    let stream = connect(&server, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(read_to_end(stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_connection_above_the_limit_is_served_once_another_ends() {
    let server = server(1).await;
    let _slow = connect(&server, b"G").await;
    let stream = connect(&server, b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(read_to_end(stream).await.starts_with("HTTP/1.0 200"));
}

#[tokio::test]
async fn draining_lets_a_request_finish_and_refuses_new_connections() {
    let server = server(10).await;
    let head = b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nab";
    let mut request = connect(&server, head).await;
    // Answered only once the first connection was accepted before it.
    let probe = connect(&server, b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(read_to_end(probe).await.starts_with("HTTP/1.0 200"));
    server.stop.send(()).unwrap();
    let connections = server.accepting.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
    let drain = tokio::spawn(connections.drain(PATIENCE));
    request.write_all(b"cd").await.unwrap();
    let answer = read_to_end(request).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("abcd"),
        "{answer}"
    );
    assert_eq!(drain.await.unwrap(), 0);
}

#[tokio::test]
async fn a_drain_gives_up_on_a_request_that_never_ends() {
    let server = server(10).await;
    let _stuck = connect(
        &server,
        b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n",
    )
    .await;
    let probe = connect(&server, b"GET / HTTP/1.0\r\n\r\n").await;
    read_to_end(probe).await;
    server.stop.send(()).unwrap();
    let connections = server.accepting.await.unwrap();
    assert_eq!(connections.drain(Duration::from_millis(50)).await, 1);
}
