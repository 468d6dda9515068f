//! Clients that never finish what they began do not keep others out of the issuer.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use dockgate_stack::now;
use dockgate_tests::demo;
use dockgate_tests::http::get;

#[test]
fn the_issuer_closes_a_connection_whose_headers_do_not_come() {
    let stack = demo();
    let port = stack.ports().issuer;
    let slow: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream
                .write_all(b"POST /token HTTP/1.1\r\nhost: x\r\nx-slow: ")
                .unwrap();
            stream
        })
        .collect();
    let started = now();
    assert_eq!(
        get("/.well-known/jwks.json").send(port).status,
        200,
        "others are served"
    );
    for mut stream in slow {
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let mut answer = Vec::new();
        stream
            .read_to_end(&mut answer)
            .expect("the connection is closed");
    }
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn envoy_closes_a_connection_whose_headers_do_not_come() {
    let stack = demo();
    let mut stream = TcpStream::connect(("127.0.0.1", stack.ports().http)).unwrap();
    stream
        .write_all(b"GET /api/echo HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let started = now();
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("the connection is closed");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer:?}");
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}
