//! No secret is in a log at any level, nor to be read in the store.

use std::collections::BTreeSet;
use std::path::Path;

use dockgate_stack::{Edit, Stack, StackOptions};
use dockgate_tests::browser::{Browser, Page};
use dockgate_tests::sign_in::*;

const ALICE: (&str, &str) = ("alice", "wonderland");

/// Everything secret that passed in the run of a test.
#[derive(Default)]
struct Secrets(BTreeSet<(&'static str, String)>);

impl Secrets {
    fn note(&mut self, what: &'static str, secret: &str) {
        self.0.insert((what, secret.to_owned()));
    }

    fn note_tokens(&mut self, answer: &serde_json::Value) {
        for (what, member) in [("access token", "access_token"), ("ID token", "id_token")] {
            // Who has the signature can make the rest of it up.
            let token = answer[member].as_str().unwrap_or_default();
            if let Some((_, signature)) = token.rsplit_once('.') {
                self.note(what, signature);
            }
        }
        if let Some(token) = answer["refresh_token"].as_str() {
            self.note("refresh token", token);
        }
    }

    fn note_browser(&mut self, browser: &Browser) {
        for value in browser.cookies().values() {
            self.note("cookie", value);
        }
    }

    fn note_page(&mut self, page: &Page) {
        for (name, value) in page.form().fields {
            if name == "csrf" {
                self.note("form token", &value);
            }
        }
    }
}

/// Lets all kinds of secrets pass once, right ones and wrong ones.
fn exercise(stack: &Stack) -> Secrets {
    let mut secrets = Secrets::default();
    for secret in [
        "wonderland",
        "mistyped-password",
        "web-secret",
        "gateway-secret",
    ] {
        secrets.note("password or client secret", secret);
    }
    let mut browser = Browser::new(stack.ports().http);
    let pushed = client_post(
        stack,
        "/par",
        "web",
        &code_request("web", "openid api:read"),
    )
    .json();
    secrets.note("pushed request", text(&pushed, "request_uri"));
    let request = [
        ("client_id", "web"),
        ("request_uri", text(&pushed, "request_uri")),
    ];
    let login = browser.open(&authorize_path(&request));
    secrets.note_page(&login);
    let wrong = [("username", ALICE.0), ("password", "mistyped-password")];
    let again = browser.submit(&login, &wrong, None);
    let consent = browser.submit(
        &again,
        &[("username", ALICE.0), ("password", ALICE.1)],
        None,
    );
    secrets.note_page(&consent);
    secrets.note_browser(&browser);
    let first = code(&browser.submit(&consent, &[], Some("allow")));
    secrets.note("code", &first);
    let tokens = redeem(stack, "web", &first).json();
    secrets.note_tokens(&tokens);
    let rotated = refresh(stack, "web", text(&tokens, "refresh_token")).json();
    secrets.note_tokens(&rotated);
    let pending = code(&authorize(
        &mut browser,
        &code_request("web", "api:read"),
        ALICE,
    ));
    secrets.note("code", &pending);
    introspect(stack, text(&rotated, "access_token"));
    introspect(stack, text(&rotated, "refresh_token"));
    let revoked = refresh(stack, "web", text(&rotated, "refresh_token")).json();
    secrets.note_tokens(&revoked);
    client_post(
        stack,
        "/revoke",
        "web",
        &[("token", text(&revoked, "access_token"))],
    );
    let device = client_post(stack, "/device_authorization", "tv", &[]).json();
    secrets.note("device code", text(&device, "device_code"));
    let poll = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", text(&device, "device_code")),
    ];
    token(stack, "tv", &poll);
    let password = [
        ("grant_type", "password"),
        ("username", ALICE.0),
        ("password", ALICE.1),
    ];
    secrets.note_tokens(&token(stack, "legacy", &password).json());
    secrets.note("password or client secret", "legacy-secret");
    secrets
}

/// All bytes of all files at or below a directory.
fn bytes_below(directory: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => all.extend(bytes_below(&path)),
            kind if kind.is_file() => all.extend(std::fs::read(&path).unwrap()),
            _ => {}
        }
    }
    all
}

fn is_in(haystack: &[u8], needle: &str) -> bool {
    let needle = needle.as_bytes();
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[test]
fn no_secret_is_in_a_log_or_to_be_read_in_the_store() {
    let stack = Stack::start(StackOptions {
        filter_log: "trace".into(),
        issuer_edits: vec![Edit::once("level = \"info\"", "level = \"trace\"")],
        ..StackOptions::default()
    })
    .unwrap_or_else(|error| panic!("{error}"));
    let secrets = exercise(&stack);
    assert!(secrets.0.len() >= 20, "{}", secrets.0.len());
    // What is on disk in the end, and the log with the farewell.
    stack.stop_issuer();
    let logs = stack.logs();
    let config = std::fs::read_to_string(stack.issuer_config()).unwrap();
    let store = config
        .lines()
        .find_map(|line| line.strip_prefix("path = \""));
    let store = bytes_below(Path::new(store.unwrap().trim_end_matches('"')));
    // It would be seen if it were there.
    assert!(
        logs.contains("authorization_code") || logs.contains("token"),
        "{logs}"
    );
    assert!(is_in(&store, "user-4cmzq8xg2v"), "records are plain");
    for (what, secret) in &secrets.0 {
        assert!(!logs.contains(secret), "a {what} is in a log: {secret}");
        assert!(!is_in(&store, secret), "a {what} is in the store: {secret}");
    }
}
