//! Signing keys that follow each other under load: no good token is refused.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use dockgate_stack::{Artifacts, Deadline, Edit, Stack, StackOptions, now};
use dockgate_tests::authorization_server::service_token;
use dockgate_tests::http::get;
use dockgate_token::CompactJws;
use serde_json::Value;

/// The shortest life of a token that can be configured, and how long of it a test relies on: the two
/// clocks tell seconds, and a request takes its time.
const TOKEN_SECONDS: u64 = 30;
const USED_SECONDS: u64 = 27;

/// As short as the bounds permit: the filter fetches every 10 seconds, give or take a tenth, and a key
/// is published for 15 before it signs.
fn quick_rotation() -> StackOptions {
    StackOptions {
        issuer_edits: vec![
            Edit::once(
                "jwks_max_age_seconds = 300",
                "jwks_max_age_seconds = 10\npublish_margin_seconds = 5\nrotation_seconds = 30\nclock_skew_seconds = 5",
            ),
            Edit::once(
                "access_token_seconds = 600",
                format!(
                    "access_token_seconds = {TOKEN_SECONDS}\nid_token_seconds = {TOKEN_SECONDS}"
                ),
            ),
        ],
        envoy_edits: vec![Edit::once(
            "refresh_seconds: 300",
            "refresh_seconds: 10\n                        min_refresh_seconds: 10",
        )],
        ..StackOptions::default()
    }
}

fn kid(token: &str) -> String {
    let token = CompactJws::parse(token.as_bytes()).unwrap();
    let header: Value = serde_json::from_slice(&token.header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// What the clients have seen, all together.
#[derive(Default)]
struct Seen {
    kids: Mutex<BTreeSet<String>>,
    requests: AtomicUsize,
    refused: Mutex<Vec<String>>,
    enough: AtomicBool,
}

impl Seen {
    fn rotations(&self) -> usize {
        self.kids.lock().unwrap().len() - 1
    }

    /// Fetches a token and uses it and all before it for as long as they live.
    fn live(&self, stack: &Stack) {
        let mut tokens = Vec::new();
        while !self.enough.load(Ordering::Relaxed) || !tokens.is_empty() {
            if !self.enough.load(Ordering::Relaxed) {
                let begun = now();
                let token = service_token(stack, "api:read");
                self.kids.lock().unwrap().insert(kid(&token));
                tokens.push((begun, token));
            }
            tokens.retain(|(begun, _)| {
                now().duration_since(*begun) < Duration::from_secs(USED_SECONDS)
            });
            // The newest, and by turns the older ones: those of a key that signs no more among them.
            let turn = self.requests.load(Ordering::Relaxed);
            let older = tokens.get(turn % tokens.len().max(1));
            for (begun, token) in tokens.last().into_iter().chain(older) {
                let answer = get("/api/protected/data")
                    .bearer(token)
                    .send(stack.ports().http);
                self.requests.fetch_add(1, Ordering::Relaxed);
                if answer.status != 200 {
                    let age = now().duration_since(*begun).as_secs_f64();
                    let text = answer.text();
                    let refused = format!("{} for one {age} s old: {text}", answer.status);
                    self.refused.lock().unwrap().push(refused);
                }
            }
        }
    }
}

#[test]
fn three_rotations_under_load_refuse_no_good_token() {
    let stack = Stack::start(quick_rotation()).unwrap_or_else(|error| panic!("{error}"));
    let seen = Seen::default();
    seen.kids
        .lock()
        .unwrap()
        .insert(kid(&service_token(&stack, "api:read")));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| seen.live(&stack));
        }
        let done = Deadline::after(Duration::from_secs(240))
            .poll(|| (seen.rotations() >= 3).then_some(()));
        seen.enough.store(true, Ordering::Relaxed);
        assert_eq!(done, Some(()), "three rotations");
    });
    let requests = seen.requests.load(Ordering::Relaxed);
    assert!(requests > 1_000, "{requests} requests");
    assert_eq!(
        *seen.refused.lock().unwrap(),
        [] as [String; 0],
        "of {requests}"
    );
    // The first key has signed nothing for long enough: it leaves, and nothing else does.
    let left = Deadline::after(Duration::from_secs(90)).poll(|| {
        let keys = listed(&stack, &["list", "--json"]);
        let rs256 = keys.iter().filter(|key| key["algorithm"] == "RS256");
        (rs256.count() < 1 + seen.rotations()).then_some(())
    });
    assert_eq!(left, Some(()), "a retired key leaves");
}

fn listed(stack: &Stack, arguments: &[&str]) -> Vec<Value> {
    let issuer = Artifacts::locate().unwrap().issuer;
    let (command, more) = arguments.split_first().unwrap();
    let output = Command::new(issuer)
        .args(["key", command, "--config"])
        .arg(stack.issuer_config())
        .args(more)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["keys"].as_array().unwrap().clone()
}

#[test]
fn keys_are_listed_rotated_and_revoked_by_command() {
    let stack = Stack::start(StackOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    let before = listed(&stack, &["list", "--json"]);
    assert_eq!(before.len(), 3);
    assert!(
        before.iter().all(|key| key["state"] == "active"),
        "{before:?}"
    );
    let published = listed(&stack, &["rotate", "--algorithm", "ES256", "--json"]);
    assert_eq!(published[0]["state"], "published");
    let kid_of = |key: &Value| key["kid"].as_str().unwrap().to_owned();
    let jwks = || {
        get("/.well-known/jwks.json")
            .send(stack.ports().http)
            .text()
    };
    assert!(jwks().contains(&kid_of(&published[0])));
    let old = service_token(&stack, "api:read");
    let revoked = listed(
        &stack,
        &["rotate", "--algorithm", "RS256", "--revoke-old", "--json"],
    );
    assert!(!jwks().contains(&kid(&old)));
    assert_eq!(kid(&service_token(&stack, "api:read")), kid_of(&revoked[0]));
    // It is the same after the death of the process.
    stack.kill_issuer();
    stack.start_issuer().unwrap();
    assert_eq!(kid(&service_token(&stack, "api:read")), kid_of(&revoked[0]));
    assert!(!jwks().contains(&kid(&old)));
}
