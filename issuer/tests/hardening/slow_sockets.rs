//! A thousand connections of clients that take their time, with the settings that there are by default.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::process::{Directory, Issuer, PATIENCE, now, served, until};

const SOCKETS: usize = 1000;
/// docs/limits.md: what a connection takes at most while its request is read.
const KIB_PER_CONNECTION: u64 = 128;

/// How it begins, in turn: a head that does not end, a body that does not, nothing at all, and answers
/// that nobody takes.
fn beginning(number: usize) -> Vec<u8> {
    match number % 4 {
        0 => b"POST /token HTTP/1.1\r\nhost: x\r\nx-slow: ".to_vec(),
        1 => b"POST /token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 60000\r\n\r\ngrant_type=".to_vec(),
        2 => Vec::new(),
        _ => b"GET /.well-known/jwks.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200),
    }
}

#[test]
fn a_thousand_slow_clients_keep_nobody_out_and_are_shown_out() {
    let directory = Directory::new();
    let issuer = Issuer::start(&directory, &[]);
    served(issuer.http);
    let at_rest = issuer.resident_kib();
    let mut slow: Vec<TcpStream> = (0..SOCKETS)
        .map(|number| {
            let mut stream = TcpStream::connect(issuer.http).unwrap();
            stream.set_nonblocking(true).unwrap();
            stream.write_all(&beginning(number)).ok();
            stream
        })
        .collect();
    let open = issuer.metric(r#"dockgate_issuer_connections_open{listener="http"}"#);
    assert!(open > SOCKETS as u64 / 2, "{open}");
    let begun = now();
    let mut slowest = Duration::ZERO;
    let mut most = 0;
    let mut others = 0;
    // Until all of them are gone, each sends a byte now and then.
    while !slow.is_empty() {
        slowest = slowest.max(served(issuer.http));
        others += 1;
        most = most.max(issuer.resident_kib());
        slow.retain_mut(|stream| stream.write(b"x").is_ok() && is_open(stream));
        assert!(begun.elapsed() < PATIENCE, "{} are left", slow.len());
    }
    let grown = most - at_rest;
    println!("{others} others, the slowest {slowest:?}; {most} KiB, {grown} more than at rest");
    assert!(others > 20, "others were served all the time: {others}");
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
    assert!(grown < KIB_PER_CONNECTION * SOCKETS as u64, "{grown} KiB");
    served(issuer.http);
    let all = issuer.metric(r#"dockgate_issuer_connections_total{listener="http"}"#);
    assert!(all > SOCKETS as u64, "{all}");
    until("they are gone from the count", || {
        let open = issuer.metric(r#"dockgate_issuer_connections_open{listener="http"}"#);
        (open < 5).then_some(())
    });
}

/// Whether the server has not closed it. Of answers that wait only the first is looked at, and left.
fn is_open(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    match stream.peek(&mut byte) {
        Ok(0) => false,
        // An answer comes before a connection is closed: what follows it says which.
        Ok(_) => stream.read(&mut [0; 64]).is_ok_and(|count| count > 0),
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}
