//! A hundred thousand requests that are begun and left.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use super::process::{Connection, Directory, Issuer, form, served};

const BEGUN: u32 = 100_000;
const CONNECTIONS: u32 = 16;
/// docs/limits.md: what is kept of each kind, without what is kept from strangers.
const KEPT: u32 = 8_000;
/// docs/limits.md: the store with all of them in it, and what they take of memory.
const MOST_ON_DISK: u64 = 64 << 20;
const MOST_KIB: u64 = 64 << 10;

const PUSH: &str = "response_type=code&client_id=spa&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback&scope=api%3Aread&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
const DEVICE: &str = "client_id=tv&scope=api%3Aread";

/// Alternately a pushed request and a device code, from as many addresses as none needs to be slowed
/// down for.
fn request(number: u32) -> String {
    let address = format!("10.{}.{}.1", number / 80 / 256, number / 80 % 256);
    match number % 2 {
        0 => form("/par", &address, PUSH),
        _ => form("/device_authorization", &address, DEVICE),
    }
}

#[test]
fn a_hundred_thousand_that_are_begun_take_what_is_documented() {
    let directory = Directory::new();
    // So that none is over before the last is begun.
    let settings = [("DOCKGATE_TOKENS_PUSHED_REQUEST_SECONDS", "600")];
    let issuer = Issuer::start(&directory, &settings);
    let kept = [AtomicU32::new(0), AtomicU32::new(0)];
    let running = AtomicBool::new(true);
    let (slowest, most) = thread::scope(|scope| {
        let others = scope.spawn(|| {
            let mut slowest = Duration::ZERO;
            let mut most = 0;
            while running.load(Ordering::Relaxed) {
                slowest = slowest.max(served(issuer.http));
                most = most.max(issuer.resident_kib());
            }
            (slowest, most)
        });
        let flood: Vec<_> = (0..CONNECTIONS)
            .map(|first| {
                let (issuer, kept) = (&issuer, &kept);
                scope.spawn(move || {
                    let mut connection = Connection::to(issuer.http);
                    for number in (first..BEGUN).step_by(CONNECTIONS as usize) {
                        let answer = connection.ask(&request(number));
                        match answer.status {
                            200 | 201 => {
                                let kept = &kept[number as usize % 2];
                                kept.fetch_add(1, Ordering::Relaxed);
                            }
                            503 => {
                                assert!(answer.body.contains("temporarily_unavailable"));
                                assert!(answer.header("retry-after").is_some(), "{answer:?}");
                            }
                            _ => panic!("{answer:?}"),
                        }
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
    let on_disk = directory.size();
    println!("others waited {slowest:?} at most; {most} KiB of memory, {on_disk} bytes on disk");
    for kept in kept {
        assert_eq!(kept.into_inner(), KEPT);
    }
    let own = PUSH.replace("client_id=spa", "client_id=web&client_secret=web-secret");
    let served = Connection::to(issuer.http).ask(&form("/par", "192.0.2.1", &own));
    assert_eq!(served.status, 201, "the operator's own: {served:?}");
    assert!(most < MOST_KIB, "{most} KiB");
    assert!(on_disk < MOST_ON_DISK, "{on_disk} bytes");
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
}

#[test]
fn one_address_has_its_part_and_others_theirs() {
    let directory = Directory::new();
    let issuer = Issuer::start(&directory, &[]);
    let mut connection = Connection::to(issuer.http);
    for (path, body, part, what) in [
        ("/par", PUSH, 100, "pushed_request"),
        ("/device_authorization", DEVICE, 50, "device"),
    ] {
        let mut made = 0;
        let refused = loop {
            let answer = connection.ask(&form(path, "192.0.2.1", body));
            match answer.status {
                200 | 201 => made += 1,
                _ => break answer,
            }
        };
        assert_eq!(refused.status, 429, "{refused:?}");
        assert_eq!(issuer.throttled(what, "address"), 1);
        assert_eq!(issuer.throttled(what, "client"), 0);
        assert!(refused.body.contains("temporarily_unavailable"));
        assert!(refused.header("retry-after").is_some(), "{refused:?}");
        // More grow back meanwhile.
        assert!((part..2 * part).contains(&made), "{path}: {made}");
        let other = connection.ask(&form(path, "192.0.2.2", body));
        assert!(matches!(other.status, 200 | 201), "{other:?}");
    }
}

/// What a browser that never logs in asks for: each page knows all that it needs (docs/limits.md).
const PAGES: [&str; 4] = [
    "/authorize?response_type=code&client_id=spa&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback&scope=api%3Aread&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    "/device",
    "/account",
    "/logout",
];
const OPENED: usize = 10_000;
/// What the runtime and the allocator take once; a hundred bytes for each would be more on disk.
const MOST_KIB_OF_PAGES: u64 = 16 << 10;
const MOST_ON_DISK_OF_PAGES: u64 = 512 << 10;

#[test]
fn login_pages_that_nobody_finishes_leave_nothing() {
    let directory = Directory::new();
    let issuer = Issuer::start(&directory, &[]);
    let open = |connection: &mut Connection, number: usize| {
        let path = PAGES[number % PAGES.len()];
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost:8080\r\nx-forwarded-for: 10.{}.{}.1\r\n\r\n",
            number / 256,
            number % 256
        );
        let answer = connection.ask(&head);
        assert!(matches!(answer.status, 200 | 303), "{path}: {answer:?}");
        let Some(login) = answer.header("location") else {
            return;
        };
        let login = login.trim_start_matches('/');
        let head = format!("GET /{login} HTTP/1.1\r\nhost: localhost:8080\r\n\r\n");
        // In another browser than the one that began.
        let answer = connection.ask(&head);
        assert_eq!(answer.status, 403, "{login}: {answer:?}");
    };
    let mut first = Connection::to(issuer.http);
    (0..200).for_each(|number| open(&mut first, number));
    let (at_rest, on_disk) = (issuer.resident_kib(), directory.size());
    thread::scope(|scope| {
        for first in 0..CONNECTIONS as usize {
            let (issuer, open) = (&issuer, &open);
            scope.spawn(move || {
                let mut connection = Connection::to(issuer.http);
                let numbers = (first..OPENED).step_by(CONNECTIONS as usize);
                numbers.for_each(|number| open(&mut connection, number));
            });
        }
    });
    served(issuer.http);
    let grown = issuer.resident_kib().saturating_sub(at_rest);
    let written = directory.size().saturating_sub(on_disk);
    println!("{grown} KiB and {written} bytes on disk more");
    assert!(grown < MOST_KIB_OF_PAGES, "{grown} KiB");
    assert!(written < MOST_ON_DISK_OF_PAGES, "{written} bytes");
}
