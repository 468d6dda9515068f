//! Few file descriptors, and none left.

use std::net::TcpStream;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::process::{Connection, Directory, Issuer, form, now, served, served_on, until};

/// docs/deploy.md: beyond what the issuer keeps for itself this is for 16 connections of each listener.
const FEW: u64 = 160;
const ROOM: u64 = 16;
const CONNECTIONS: usize = 100;
const FAILED: &str = r#"dockgate_issuer_connections_failed_total{listener="http"}"#;
const OPEN: &str = r#"dockgate_issuer_connections_open{listener="http"}"#;
/// How long nothing is free. A loop that does not wait fails a hundred thousand times in it.
const EXHAUSTED: Duration = Duration::from_secs(2);
/// One each 100 ms.
const MOST_FAILURES: u64 = 40;

const PUSH: &str = "response_type=code&client_id=spa&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback&scope=api%3Aread&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

/// What is written and flushed.
fn writes(connection: &mut Connection, issuer: &Issuer) {
    let pushed = connection.ask(&form("/par", "198.51.100.1", PUSH));
    let ready = matches!(pushed.status, 201 | 429);
    assert!(ready, "{pushed:?} {:?}", issuer.troubles(""));
}

fn flood(issuer: &Issuer) -> Vec<TcpStream> {
    let connect = |_| TcpStream::connect(issuer.http).unwrap();
    (0..CONNECTIONS).map(connect).collect()
}

#[test]
fn connections_never_take_what_the_store_needs() {
    let directory = Directory::new();
    let issuer = Issuer::start_within(&format!("-n {FEW}"), &directory);
    let warned = issuer.troubles("open files");
    assert_eq!(warned.len(), 1, "it said so: {warned:?}");
    let mut kept = Connection::to(issuer.http);
    served_on(&mut kept);
    let flood = flood(&issuer);
    until("all places are taken", || {
        (issuer.metric(OPEN) == ROOM).then_some(())
    });
    for _ in 0..20 {
        served_on(&mut kept);
        writes(&mut kept, &issuer);
    }
    assert_eq!(issuer.metric(FAILED), 0, "the others wait in the kernel");
    drop(flood);
    served(issuer.http);
}

#[test]
fn without_file_descriptors_it_waits_and_serves_again_once_there_are_some() {
    let directory = Directory::new();
    let issuer = Issuer::start(&directory, &[]);
    let mut ops = Connection::to(issuer.ops);
    let mut kept = Connection::to(issuer.http);
    served_on(&mut kept);
    let failures = |ops: &mut Connection| Issuer::metric_on(ops, FAILED);
    assert_eq!(failures(&mut ops), 0);

    let pid = Pid::from_raw(i32::try_from(issuer.pid()).unwrap());
    let limit = |current| {
        let before = prlimit(pid, Resource::Nofile, current);
        before.unwrap()
    };
    // Fewer than it has open.
    let generous = rustix::process::getrlimit(Resource::Nofile);
    let before = limit(Rlimit {
        current: Some(8),
        maximum: generous.maximum,
    });
    let flood = flood(&issuer);
    until("none is free", || (failures(&mut ops) > 0).then_some(()));
    let (begun, first) = (now(), failures(&mut ops));
    let mut others = 0;
    while begun.elapsed() < EXHAUSTED {
        served_on(&mut kept);
        writes(&mut kept, &issuer);
        others += 1;
    }
    let more = failures(&mut ops) - first;
    println!("{more} failures while {others} were served");
    assert!((1..MOST_FAILURES).contains(&more), "{more}");
    assert!(others > 10, "{others}");
    let said = issuer.troubles("a connection could not be accepted");
    assert_eq!(said.len(), 1, "once a minute: {said:?}");

    limit(before);
    drop(flood);
    served(issuer.http);
    writes(&mut Connection::to(issuer.http), &issuer);
    assert_eq!(issuer.troubles("the store failed"), [""; 0]);
}

#[test]
fn a_soft_limit_is_raised_as_far_as_it_may_be() {
    let directory = Directory::new();
    let issuer = Issuer::start_within("-S -n 80", &directory);
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| Connection::to(issuer.http))
        .collect();
    for mut connection in connections {
        served_on(&mut connection);
    }
    assert_eq!(issuer.metric(FAILED), 0);
}
