//! The accept loop, with real sockets.

use std::net::SocketAddr;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

/// Short for a test, long for a machine that is busy.
const IDLE: Duration = Duration::from_millis(300);
/// More than the kernel's buffers of both sides take.
const LARGE: usize = 32 << 20;
/// After this a connection counts as never closed.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    accepting: JoinHandle<Connections>,
}

async fn server(connections: usize) -> Server {
    server_behind(connections, Proxies::loopback()).await
}

async fn server_behind(connections: usize, proxies: Proxies) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/", get(async || "hello"))
        .route("/echo", post(async |body: String| body))
        .route("/large", get(async || "x".repeat(LARGE)));
    let limits = Limits {
        listener: Listener::Ops,
        connections,
        proxies,
        idle: IDLE,
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

/// Waits until the server takes the next connection, for which it needs a slot.
async fn assert_served(server: &Server) {
    let stream = connect(server, b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(read_to_end(stream).await.starts_with("HTTP/1.0 200"));
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_gives_up_its_slot() {
    let server = server(1).await;
    let _reads_nothing = connect(&server, b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_served(&server).await;
}

#[tokio::test]
async fn a_request_may_take_longer_than_a_connection_may_be_idle() {
    let server = server(10).await;
    let head = b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nconnection: close\r\n\r\na";
    let mut slow = connect(&server, head).await;
    let idle = connect(&server, b"").await;
    assert_eq!(read_to_end(idle).await, "", "as long as a limit has passed");
    slow.write_all(b"b").await.unwrap();
    assert!(read_to_end(slow).await.ends_with("ab"));
}

#[tokio::test]
async fn who_is_no_proxy_has_a_part_of_the_connections_and_no_more() {
    let server = server_behind(16, Proxies::new(Vec::new(), 1)).await;
    let _held = [connect(&server, b"G").await, connect(&server, b"G").await];
    let mut third = TcpStream::connect(server.address).await.unwrap();
    third.write_all(b"GET / HTTP/1.0\r\n\r\n").await.ok();
    assert_eq!(read_to_end(third).await, "");
}

#[tokio::test]
async fn too_many_headers_and_too_long_ones_are_refused() {
    let server = server(10).await;
    let many = "a: b\r\n".repeat(MAX_HEADERS + 1);
    let long = format!("a: {}\r\n", "b".repeat(MAX_HEADER_BYTES));
    for headers in [many, long] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!("GET / HTTP/1.1\r\nhost: a\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.ok();
        let answer = read_to_end(stream).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
}

#[tokio::test]
async fn requests_that_are_sent_ahead_and_whose_answers_nobody_takes_are_not_all_read() {
    let server = server(1).await;
    let mut ahead = TcpStream::connect(server.address).await.unwrap();
    let requests = b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n".repeat(1000);
    let sent = tokio::time::timeout(IDLE, async {
        loop {
            if ahead.write_all(&requests).await.is_err() {
                return;
            }
        }
    });
    sent.await.ok();
    assert_served(&server).await;
}

mod http2 {
    //! Written by hand, because no client library stays idle for ever.
    use super::*;

    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    /// INITIAL_WINDOW_SIZE = 0 (RFC 9113 §6.5.2): nothing of a body may be sent.
    const CLOSED_WINDOW: &[u8] = &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0];
    /// HEADERS of stream 1, complete: GET, http, /, all from the static table (RFC 7541).
    const GET: &[u8] = &[0, 0, 3, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84];

    /// Reads frames until the server closes; acknowledges pings, and asks nothing by itself.
    async fn types_of_frames(mut stream: TcpStream) -> Vec<u8> {
        let mut types = Vec::new();
        let reading = async {
            let mut head = [0; 9];
            while stream.read_exact(&mut head).await.is_ok() {
                let length = usize::from(head[1]) << 8 | usize::from(head[2]);
                let mut payload = vec![0; length];
                if stream.read_exact(&mut payload).await.is_err() {
                    break;
                }
                types.push(head[3]);
                if head[3] == 6 && head[4] == 0 {
                    let answer = [&[0, 0, 8, 6, 1, 0, 0, 0, 0], payload.as_slice()].concat();
                    stream.write_all(&answer).await.ok();
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading)
            .await
            .expect("closed");
        types
    }

    #[tokio::test]
    async fn a_connection_without_a_request_is_closed() {
        let server = server(10).await;
        let stream = connect(&server, &[PREFACE, SETTINGS].concat()).await;
        assert!(types_of_frames(stream).await.contains(&4));
    }

    #[tokio::test]
    async fn a_connection_is_closed_after_its_last_answer() {
        let server = server(10).await;
        let stream = connect(&server, &[PREFACE, SETTINGS, GET].concat()).await;
        let types = types_of_frames(stream).await;
        assert!(types.contains(&1) && types.contains(&0), "{types:?}");
    }

    /// A SETTINGS frame's values, by number.
    async fn settings(mut stream: TcpStream) -> Vec<(u8, u32)> {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(head[3], 4);
        let mut payload = vec![0; usize::from(head[2])];
        stream.read_exact(&mut payload).await.unwrap();
        let values = payload.chunks(6);
        values
            .map(|value| {
                let number = u32::from_be_bytes(value[2..].try_into().unwrap());
                (value[1], number)
            })
            .collect()
    }

    #[tokio::test]
    async fn the_limits_are_announced() {
        let server = server(10).await;
        let stream = connect(&server, &[PREFACE, SETTINGS].concat()).await;
        let settings = settings(stream).await;
        // RFC 9113 §6.5.2: MAX_CONCURRENT_STREAMS, MAX_HEADER_LIST_SIZE.
        assert!(settings.contains(&(3, MAX_STREAMS)), "{settings:?}");
        assert!(settings.contains(&(6, 64 * 1024)), "{settings:?}");
    }

    /// What is sent again and again until the server has enough, and the frames that came.
    async fn flooded(frames: impl Fn(u32) -> Vec<u8> + Send + 'static) -> Vec<u8> {
        let server = server(10).await;
        let stream = connect(&server, &[PREFACE, SETTINGS].concat()).await;
        let (reading, mut writing) = stream.into_split();
        let writer = tokio::spawn(async move {
            for number in 0..200_000 {
                if writing.write_all(&frames(number)).await.is_err() {
                    return true;
                }
            }
            false
        });
        let mut reading = reading;
        let mut all = Vec::new();
        tokio::time::timeout(PATIENCE, reading.read_to_end(&mut all))
            .await
            .expect("closed")
            .ok();
        assert!(writer.await.unwrap(), "the whole flood was taken");
        assert_served(&server).await;
        all
    }

    #[tokio::test]
    async fn who_opens_streams_and_resets_them_is_disconnected() {
        flooded(|number| {
            let stream = (number * 2 + 1).to_be_bytes();
            let head = [&[0, 0, 3, 1, 5][..], &stream, &[0x82, 0x86, 0x84]];
            let reset = [&[0, 0, 4, 3, 0][..], &stream, &[0, 0, 0, 8]];
            [head.concat(), reset.concat()].concat()
        })
        .await;
    }

    #[tokio::test]
    async fn a_head_without_an_end_is_cut_off() {
        // HEADERS without END_HEADERS, then CONTINUATION for ever (CVE-2024-27316).
        flooded(|number| {
            let kind = if number == 0 { 1 } else { 9 };
            [&[0, 0x40, 0, kind, 0, 0, 0, 0, 1][..], &[0; 0x4000]].concat()
        })
        .await;
    }

    #[tokio::test]
    async fn a_client_that_lets_nothing_be_sent_to_it_gives_up_its_slot() {
        let server = server(1).await;
        let stream = connect(&server, &[PREFACE, CLOSED_WINDOW, GET].concat()).await;
        let types = types_of_frames(stream).await;
        assert!(types.contains(&1) && !types.contains(&0), "{types:?}");
        assert_served(&server).await;
    }
}
