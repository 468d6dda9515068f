//! Bodies that say no length and have no end.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::process::{Directory, Issuer, PATIENCE, served};

const AT_ONCE: u64 = 8;
/// What each of them would send.
const GIBIBYTE: u64 = 1 << 30;
const CHUNK: usize = 64 << 10;
/// docs/limits.md: how much of a body that is refused is read all the same. The rest is what the kernel
/// holds on both sides.
const MOST_READ: u64 = (16 << 20) + (16 << 20);
/// Of a form 64 KiB are kept, whatever comes.
const MOST_KIB_EACH: u64 = 1024;

/// Sends chunks until it is told to stop; how much went, and what came back.
fn send(address: SocketAddr, path: &str) -> (u64, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [
        format!("{CHUNK:x}\r\n").into_bytes(),
        vec![b'a'; CHUNK],
        b"\r\n".to_vec(),
    ]
    .concat();
    let mut sent = 0;
    while sent < GIBIBYTE && stream.write_all(&chunk).is_ok() {
        sent += CHUNK as u64;
    }
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    loop {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(part.get(..count).unwrap()),
            // What was still under way when it was closed.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}"),
        }
    }
    (sent, String::from_utf8_lossy(&answer).into_owned())
}

#[test]
fn a_gibibyte_without_a_length_is_not_read_and_not_kept() {
    let directory = Directory::new();
    let issuer = Issuer::start(&directory, &[]);
    served(issuer.http);
    let at_rest = issuer.resident_kib();
    let sending = AtomicBool::new(true);
    let (most, sent) = thread::scope(|scope| {
        let others = scope.spawn(|| {
            let mut most = 0;
            while sending.load(Ordering::Relaxed) {
                served(issuer.http);
                most = most.max(issuer.resident_kib());
            }
            most
        });
        let paths = [
            "/token",
            "/par",
            "/introspect",
            "/userinfo",
            "/authorize",
            "/login",
            "/device",
            "/logout",
        ];
        let senders: Vec<_> = paths
            .into_iter()
            .map(|path| scope.spawn(move || (path, send(issuer.http, path))))
            .collect();
        let sent: Vec<_> = senders.into_iter().map(|sender| sender.join()).collect();
        sending.store(false, Ordering::Relaxed);
        let sent: Vec<_> = sent.into_iter().map(Result::unwrap).collect();
        (others.join().unwrap(), sent)
    });
    for (path, (sent, answer)) in sent {
        println!("{path}: {sent} bytes, {:?}", answer.lines().next());
        assert!(sent < MOST_READ, "{path}: {sent}");
        // Who is still sending when it is closed may not see the answer.
        let refused = answer.is_empty()
            || answer.starts_with("HTTP/1.1 413 ")
            || answer.starts_with("HTTP/1.1 403 ");
        assert!(refused, "{path}: {answer}");
    }
    let grown = most.saturating_sub(at_rest);
    println!("{grown} KiB more than at rest");
    assert!(grown < AT_ONCE * MOST_KIB_EACH, "{grown} KiB");
}
