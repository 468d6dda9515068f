//! Many wrong passwords at once take nothing from anybody else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use dockgate_stack::{Stack, StackOptions, now};
use dockgate_tests::authorization_server::token_request;
use dockgate_tests::browser::Browser;
use dockgate_tests::http::get;
use dockgate_tests::sign_in::{authorize_path, code_request, token};

/// What the demo's hashes take.
const KIB_PER_HASH: u64 = 19_456;
/// docs/limits.md: what each of the connections may take while its request is read.
const KIB_OF_CONNECTIONS: u64 = 500 * 128;

#[test]
fn five_hundred_wrong_passwords_leave_other_clients_served_and_memory_bounded() {
    let stack = Stack::start(StackOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    let at_rest = resident_kib(stack.issuer_pid().unwrap());
    let flooding = AtomicBool::new(true);
    let (statuses, slowest, most_memory) = thread::scope(|scope| {
        let others = scope.spawn(|| {
            let mut slowest = Vec::new();
            let mut memory = 0;
            while flooding.load(Ordering::Relaxed) {
                let begun = now();
                let response = token_request(&stack, &[("grant_type", "client_credentials")]);
                assert_eq!(response.status, 200, "{}", response.text());
                let mut browser = Browser::new(stack.ports().http);
                let page = browser.open(&authorize_path(&code_request("web", "api:read")));
                assert_eq!(page.response.status, 200, "the login page");
                assert_eq!(get("/healthz").send(stack.ports().ops).status, 200);
                slowest.push(begun.elapsed());
                memory = memory.max(resident_kib(stack.issuer_pid().unwrap()));
            }
            (slowest, memory)
        });
        let flood: Vec<_> = (0..500)
            .map(|number| {
                let stack = &stack;
                scope.spawn(move || {
                    let user = if number % 2 == 0 { "alice" } else { "nobody" };
                    let form = [
                        ("grant_type", "password"),
                        ("username", user),
                        ("password", "wrong"),
                    ];
                    let response = token(stack, "legacy", &form);
                    if matches!(response.status, 429 | 503) {
                        assert!(response.header("retry-after").is_some());
                    }
                    response.status
                })
            })
            .collect();
        let statuses: Vec<u16> = flood
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        flooding.store(false, Ordering::Relaxed);
        let (slowest, memory) = others.join().unwrap();
        (statuses, slowest, memory)
    });
    assert!(
        statuses
            .iter()
            .all(|status| matches!(status, 400 | 429 | 503)),
        "{statuses:?}"
    );
    assert!(
        statuses.iter().any(|status| matches!(status, 429 | 503)),
        "some are turned away"
    );
    let cores = thread::available_parallelism().map_or(1, usize::from);
    // One less than there are cores are hashed at once, by default.
    let hashed = KIB_PER_HASH * u64::try_from(cores.max(2) - 1).unwrap();
    let grown = most_memory.saturating_sub(at_rest);
    assert!(grown < hashed + KIB_OF_CONNECTIONS, "{grown} KiB");
    assert!(!slowest.is_empty());
    // The figure is printed, not judged: the machine that runs the tests is shared.
    let mut sorted = slowest;
    sorted.sort();
    let p99 = sorted[sorted.len() * 99 / 100 - usize::from(sorted.len() >= 100)];
    println!(
        "others' p99 {p99:?} over {} requests, {most_memory} KiB at most",
        sorted.len()
    );
    assert!(
        p99 < Duration::from_secs(5),
        "others were served throughout: {p99:?}"
    );
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
