//! Ten thousand clients that register themselves, which is as many as there may be.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::process::{Connection, Directory, Issuer, form, now, served};

/// docs/limits.md: clients that registered themselves, and what all of them take at most.
const MOST: u32 = 10_000;
const MOST_ON_DISK: u64 = 64 << 20;
const MOST_KIB: u64 = 96 << 10;

const CONNECTIONS: u32 = 16;
/// As many as each of the tokens is good for at once.
const EACH: u32 = 1000;

/// As many tokens as it takes, and one more.
fn settings() -> String {
    let mut settings = "[registration]\nenabled = true\n".to_owned();
    for number in 0..=MOST / EACH {
        write!(
            settings,
            "[[initial_access_tokens]]\nname = \"t{number}\"\nsecret = \"token-{number}\"\n"
        )
        .unwrap();
    }
    settings
}

fn registration(number: u32) -> String {
    let body = format!(
        "{{\"redirect_uris\":[\"https://app-{number}.example/callback\",\"http://127.0.0.1/callback\"],\"client_name\":\"Application number {number}\",\"grant_types\":[\"authorization_code\",\"refresh_token\"],\"contacts\":[\"ops@app-{number}.example\"],\"client_uri\":\"https://app-{number}.example/\"}}"
    );
    format!(
        "POST /register HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer token-{}\r\ncontent-type: \
         application/json\r\ncontent-length: {}\r\n\r\n{body}",
        number / EACH,
        body.len()
    )
}

#[test]
fn ten_thousand_registrations_take_what_is_documented_and_others_are_served() {
    let directory = Directory::new();
    let issuer = Issuer::start_with_more(&directory, &settings());
    let before = issuer.resident_kib();
    let running = AtomicBool::new(true);
    let registered = AtomicU32::new(0);
    let begun = now();
    let (slowest, served_others) = thread::scope(|scope| {
        let others = scope.spawn(|| {
            let (mut slowest, mut count) = (Duration::ZERO, 0);
            while running.load(Ordering::Relaxed) {
                slowest = slowest.max(served(issuer.http));
                count += 1;
            }
            (slowest, count)
        });
        let flood: Vec<_> = (0..CONNECTIONS)
            .map(|first| {
                let (issuer, registered) = (&issuer, &registered);
                scope.spawn(move || {
                    let mut connection = Connection::to(issuer.http);
                    for number in (first..MOST).step_by(CONNECTIONS as usize) {
                        let answer = connection.ask(&registration(number));
                        assert_eq!(answer.status, 201, "{answer:?}");
                        registered.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let ends: Vec<_> = flood.into_iter().map(|thread| thread.join()).collect();
        running.store(false, Ordering::Relaxed);
        let watched = others.join().unwrap();
        ends.into_iter().for_each(|end| end.unwrap());
        watched
    });
    let took = begun.elapsed();
    let (memory, disk) = (issuer.resident_kib(), directory.size());
    println!(
        "{took:?}; {served_others} others waited {slowest:?} at most; {before} KiB of memory before and {memory} after, {disk} bytes on disk"
    );
    assert_eq!(registered.into_inner(), MOST);
    assert!(memory < MOST_KIB, "{memory} KiB");
    assert!(disk < MOST_ON_DISK, "{disk} bytes");
    assert!(
        served_others > 0 && slowest < Duration::from_secs(5),
        "{slowest:?}"
    );

    // One more is refused, and has to make nobody wait.
    let mut connection = Connection::to(issuer.http);
    let answer = connection.ask(&registration(MOST));
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(
        answer.body.contains("temporarily_unavailable"),
        "{answer:?}"
    );
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
    served(issuer.http);

    // All of them are there after a crash.
    issuer.kill();
    let issuer = Issuer::start_with_more(&directory, &settings());
    let answer = Connection::to(issuer.http).ask(&registration(MOST));
    assert_eq!(answer.status, 503, "{answer:?}");
    served(issuer.http);
}

#[test]
fn a_client_that_ended_its_registration_is_nobody() {
    let directory = Directory::new();
    let issuer = Issuer::start_with_more(
        &directory,
        "[registration]\nenabled = true\nopen = true\ngrants = [\"client_credentials\"]\n",
    );
    let mut connection = Connection::to(issuer.http);
    let body = r#"{"grant_types":["client_credentials"],"token_endpoint_auth_method":"client_secret_post","scope":"api:read"}"#;
    let answer = connection.ask(&format!(
        "POST /register HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!(answer.status, 201, "{answer:?}");
    let client: Value = serde_json::from_str(&answer.body).unwrap();
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let (id, secret) = (text("client_id"), text("client_secret"));
    let credentials =
        format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&token=x");
    let asked = connection.ask(&form("/token", "192.0.2.1", &credentials));
    assert_eq!(asked.status, 200, "{asked:?}");
    let ended = connection.ask(&format!(
        "DELETE /register/{id} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n",
        text("registration_access_token")
    ));
    assert_eq!(ended.status, 204, "{ended:?}");
    let asked = connection.ask(&form("/token", "192.0.2.1", &credentials));
    assert_eq!(asked.status, 401, "{asked:?}");
}
