//! Guessing goes on after a restart where it was before it.

use super::process::{Answer, Connection, Directory, Issuer, form, until};

fn guess(issuer: &Issuer, user: &str, password: &str) -> Answer {
    let body = format!(
        "grant_type=password&client_id=legacy&client_secret=legacy-secret&username={user}&password={password}"
    );
    Connection::to(issuer.http).ask(&form("/token", "192.0.2.1", &body))
}

fn wrong_secret(issuer: &Issuer, secret: &str) -> Answer {
    let body = format!("grant_type=client_credentials&client_id=service&client_secret={secret}");
    Connection::to(issuer.http).ask(&form("/token", "192.0.2.1", &body))
}

fn flushes(issuer: &Issuer) -> u64 {
    issuer.metric("dockgate_issuer_store_flush_duration_seconds_count")
}

/// Waits for the flush that comes after all that was counted before.
fn written_down(issuer: &Issuer) {
    let before = flushes(issuer);
    // Something to write, in case all was written a moment ago.
    assert_eq!(guess(issuer, "nobody", "guess").status, 400);
    until("it is written down", || {
        (flushes(issuer) > before).then_some(())
    });
}

#[test]
fn a_kill_and_a_stop_give_a_guesser_nothing() {
    let directory = Directory::new();
    let issuer = Issuer::start(&directory, &[]);
    for _ in 0..5 {
        assert_eq!(guess(&issuer, "alice", "guess").status, 400);
    }
    for _ in 0..20 {
        assert_eq!(wrong_secret(&issuer, "guess").status, 401);
    }
    assert_eq!(wrong_secret(&issuer, "guess").status, 429);
    assert_eq!(issuer.throttled("client_credentials", "client"), 1);
    assert_eq!(issuer.throttled("client_credentials", "address"), 0);
    // Where a wait has ended meanwhile, one more guess is made, and the next wait is longer.
    until("the next wait", || {
        match guess(&issuer, "alice", "guess").status {
            400 => None,
            429 => Some(()),
            status => panic!("{status}"),
        }
    });
    assert!(issuer.throttled("password", "account") >= 1);
    assert_eq!(issuer.throttled("password", "address"), 0);
    written_down(&issuer);
    issuer.kill();

    let mut issuer = Issuer::start(&directory, &[]);
    // On a busy machine the wait of five seconds may have ended meanwhile. Then one guess is free, and
    // not the five that somebody has who never failed.
    let statuses = [(); 2].map(|()| guess(&issuer, "alice", "guess").status);
    assert!(matches!(statuses, [429, _] | [400, 429]), "{statuses:?}");
    let refused = wrong_secret(&issuer, "guess");
    assert_eq!(refused.status, 429, "{refused:?}");
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    // Nobody but the guesser waits, and the right secret is never refused.
    let right = wrong_secret(&issuer, "service-secret");
    assert_eq!(right.status, 200, "{right:?}");
    assert_eq!(guess(&issuer, "bob", "builder").status, 200);
    issuer.terminate();
    assert!(issuer.wait().success());

    let issuer = Issuer::start(&directory, &[]);
    assert_eq!(wrong_secret(&issuer, "guess").status, 429);
}
