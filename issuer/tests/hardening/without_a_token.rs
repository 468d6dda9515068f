//! Floods of requests with nothing that opens anything.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::process::{Connection, Directory, Issuer, served};

const CONNECTIONS: usize = 8;
const EACH: usize = 2_000;
/// Log and audit log are written, and nothing is kept of each.
const MOST_KIB: u64 = 16 << 10;
const MOST_ON_DISK: u64 = 8 << 20;

/// In turn: no token, no JWT, and one that has all but a signature.
fn request(number: usize) -> String {
    let forged = "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IngifQ.eyJpc3MiOiJodHRwOi8vbG9jYWxob3N0OjgwODAifQ.AAAA";
    let authorization = match number % 4 {
        0 => String::new(),
        1 => "authorization: Bearer x\r\n".to_owned(),
        2 => format!("authorization: Bearer {forged}{number}\r\n"),
        _ => format!("authorization: Basic {number}\r\n"),
    };
    let path = if number.is_multiple_of(2) {
        "/userinfo"
    } else {
        "/authorize?client_id=nobody&scope=x"
    };
    format!(
        "GET {path} HTTP/1.1\r\nhost: localhost:8080\r\nx-forwarded-for: 203.0.113.{}\r\n{authorization}\r\n",
        number % 250
    )
}

#[test]
fn a_flood_of_them_is_refused_and_leaves_nothing() {
    let directory = Directory::new();
    let issuer = Issuer::start(&directory, &[]);
    let mut first = Connection::to(issuer.http);
    for number in 0..100 {
        first.ask(&request(number));
    }
    served(issuer.http);
    let (at_rest, on_disk) = (issuer.resident_kib(), directory.size());
    let flooding = AtomicBool::new(true);
    let slowest = thread::scope(|scope| {
        let others = scope.spawn(|| {
            let mut slowest = Duration::ZERO;
            while flooding.load(Ordering::Relaxed) {
                slowest = slowest.max(served(issuer.http));
            }
            slowest
        });
        let flood: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = Connection::to(issuer.http);
                    for number in 0..EACH {
                        let answer = connection.ask(&request(number));
                        let expected = if number % 2 == 0 { 401 } else { 400 };
                        assert_eq!(answer.status, expected, "{answer:?}");
                    }
                })
            })
            .collect();
        let ends: Vec<_> = flood.into_iter().map(|thread| thread.join()).collect();
        flooding.store(false, Ordering::Relaxed);
        ends.into_iter().for_each(|end| end.unwrap());
        others.join().unwrap()
    });
    let grown = issuer.resident_kib().saturating_sub(at_rest);
    let written = directory.size().saturating_sub(on_disk);
    println!("others waited {slowest:?} at most; {grown} KiB and {written} bytes on disk more");
    assert!(grown < MOST_KIB, "{grown} KiB");
    assert!(written < MOST_ON_DISK, "{written} bytes");
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
}
