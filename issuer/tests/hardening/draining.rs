//! SIGTERM: what was begun is finished, and what never ends is left after a while.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use super::process::{Connection, Directory, Issuer, form, now, until};

const BODY: &str =
    "grant_type=client_credentials&client_id=service&client_secret=service-secret&scope=api:read";

#[test]
fn a_request_in_progress_is_answered_and_new_connections_are_not_taken() {
    let directory = Directory::new();
    let mut issuer = Issuer::start(&directory, &[("DOCKGATE_LISTEN_DRAIN_SECONDS", "30")]);
    let request = form("/token", "192.0.2.1", BODY);
    let (first, rest) = request.split_at(request.len() - 10);
    let mut connection = Connection::to(issuer.http);
    connection.send(first);
    // Accepted after the first connection, which is being read by then.
    super::process::served(issuer.http);
    issuer.terminate();
    until("new connections are refused", || {
        TcpStream::connect(issuer.http).is_err().then_some(())
    });
    let answer = connection.ask(rest);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(issuer.wait().success());
}

#[test]
fn what_never_ends_is_waited_for_no_longer_than_drain_seconds() {
    let directory = Directory::new();
    let settings = [
        ("DOCKGATE_LISTEN_DRAIN_SECONDS", "2"),
        ("DOCKGATE_LISTEN_BODY_READ_TIMEOUT_SECONDS", "300"),
    ];
    let mut issuer = Issuer::start(&directory, &settings);
    let request = form("/token", "192.0.2.1", BODY);
    let mut stuck = TcpStream::connect(issuer.http).unwrap();
    let (first, _) = request.split_at(request.len() - 10);
    stuck.write_all(first.as_bytes()).unwrap();
    super::process::served(issuer.http);
    let begun = now();
    issuer.terminate();
    assert!(issuer.wait().success());
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(2), "{took:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}
