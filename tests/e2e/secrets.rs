//! No log at any level and no file of the store has a secret in it (OAuth 2.1 §1.4, §7.1).

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_stack::{Edit, Stack, StackOptions};
use dockgate_tests::authorization_server::basic;
use dockgate_tests::browser::{Browser, Page};
use dockgate_tests::http::{get, percent_encode, post};
use dockgate_tests::sign_in::*;
use serde_json::Value;

const ALICE: (&str, &str) = ("alice", "wonderland");
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Everything that nobody else may learn, by what it is.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, secret: impl Into<String>) {
        let secret = secret.into();
        assert!(!secret.is_empty(), "{what}");
        self.0.push((what, secret));
    }

    fn of_answer(&mut self, answer: &Value) {
        for what in [
            "access_token",
            "refresh_token",
            "id_token",
            "device_code",
            "request_uri",
        ] {
            if let Some(secret) = answer[what].as_str() {
                self.add(what, secret);
            }
        }
    }

    fn of_browser(&mut self, browser: &Browser) {
        for secret in browser.cookies().values() {
            self.add("cookie", secret);
        }
    }

    /// How each may be written: as it is, in a URL, and the bytes that it stands for.
    fn spellings(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut all = Vec::new();
        for (what, secret) in &self.0 {
            all.push((*what, secret.clone().into_bytes()));
            all.push((*what, percent_encode(secret).into_bytes()));
            if secret.len() >= 40
                && let Ok(bytes) = URL_SAFE_NO_PAD.decode(secret)
            {
                // Of a refresh token the first 16 bytes are the name of its grant, no secret.
                let from = if bytes.len() == 64 { 16 } else { 0 };
                all.push((*what, bytes[from..].to_vec()));
            }
            // The signature alone would be as bad.
            if let Some((_, signature)) = secret.rsplit_once('.').filter(|(_, end)| end.len() > 40)
            {
                all.push((*what, signature.as_bytes().to_vec()));
            }
        }
        all
    }
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        if kind.is_dir() {
            files.extend(files_below(&path));
        } else if kind.is_file() {
            files.push(path);
        }
    }
    files
}

/// By how many bytes secrets are looked up.
const PREFIX: usize = 8;

/// Which of the secrets are in a file.
fn found<'a>(bytes: &[u8], secrets: &'a [(&'static str, Vec<u8>)]) -> Vec<&'a str> {
    let mut by_prefix: HashMap<&[u8], Vec<_>> = HashMap::new();
    for secret in secrets {
        by_prefix
            .entry(&secret.1[..PREFIX])
            .or_default()
            .push(secret);
    }
    let mut found = Vec::new();
    for (at, window) in bytes.windows(PREFIX).enumerate() {
        for (what, secret) in by_prefix.get(window).into_iter().flatten() {
            if bytes[at..].starts_with(secret) {
                found.push(*what);
            }
        }
    }
    found
}

/// What users and clients do, well and badly.
fn traffic(stack: &Stack) -> Secrets {
    let mut secrets = Secrets::default();
    for client in ["web", "service", "legacy", "gateway"] {
        secrets.add("client secret", format!("{client}-secret"));
        let credentials = basic(client, &format!("{client}-secret"));
        secrets.add("credentials", credentials.trim_start_matches("Basic "));
    }
    secrets.add("password", ALICE.1);
    secrets.add("verifier", VERIFIER);
    code_flows(stack, &mut secrets);
    pushed_and_implicit(stack, &mut secrets);
    device(stack, &mut secrets);
    failures(stack, &mut secrets);
    secrets
}

fn code_flows(stack: &Stack, secrets: &mut Secrets) {
    for client in ["web", "spa"] {
        let mut browser = Browser::new(stack.ports().http);
        let request = code_request(client, "openid profile api:read api:write");
        let page = authorize(&mut browser, &request, ALICE);
        secrets.add("code", code(&page));
        secrets.of_browser(&browser);
        let tokens = redeem(stack, client, &code(&page)).json();
        secrets.of_answer(&tokens);
        let next = refresh(stack, client, text(&tokens, "refresh_token")).json();
        secrets.of_answer(&next);
        let again = refresh(stack, client, text(&tokens, "refresh_token")).json();
        secrets.of_answer(&again);
        let newest = refresh(stack, client, text(&next, "refresh_token")).json();
        secrets.of_answer(&newest);
        // Late, and of another client.
        refresh(stack, client, text(&tokens, "refresh_token"));
        refresh(stack, "legacy", text(&newest, "refresh_token"));
        let access = text(&newest, "access_token");
        introspect(stack, access);
        get("/userinfo").bearer(access).send(stack.ports().http);
        get("/api/protected/data")
            .bearer(access)
            .send(stack.ports().http);
        let form = [
            ("grant_type", EXCHANGE),
            ("subject_token", access),
            ("subject_token_type", ACCESS_TOKEN),
        ];
        secrets.of_answer(&token(stack, "gateway", &form).json());
        client_post(stack, "/revoke", client, &[("token", access)]);
        // The code again: the grant is gone.
        redeem(stack, client, &code(&page));
    }
}

fn pushed_and_implicit(stack: &Stack, secrets: &mut Secrets) {
    let request = code_request("web", "api:read");
    let pushed = client_post(stack, "/par", "web", &request).json();
    secrets.of_answer(&pushed);
    let mut browser = Browser::new(stack.ports().http);
    let reference = [
        ("client_id", "web"),
        ("request_uri", text(&pushed, "request_uri")),
    ];
    let page = authorize(&mut browser, &reference, ALICE);
    secrets.add("code", code(&page));
    // Never redeemed, so that it is in the store as it was made.
    secrets.of_browser(&browser);
    let request = [
        ("response_type", "token"),
        ("client_id", "legacy-spa"),
        ("redirect_uri", "http://127.0.0.1:5000/callback"),
        ("scope", "api:read"),
    ];
    let page = authorize(&mut browser, &request, ALICE);
    secrets.add("access_token", page.fragment()["access_token"].clone());
}

fn device(stack: &Stack, secrets: &mut Secrets) {
    let begun = client_post(stack, "/device_authorization", "tv", &[]).json();
    secrets.of_answer(&begun);
    let form = [
        ("grant_type", DEVICE),
        ("device_code", text(&begun, "device_code")),
    ];
    token(stack, "tv", &form);
    let mut phone = Browser::new(stack.ports().http);
    let page = phone.open(text(&begun, "verification_uri_complete"));
    let page = phone.submit(&page, &[("username", ALICE.0), ("password", ALICE.1)], None);
    let page = phone.submit(&page, &[("user_code", text(&begun, "user_code"))], None);
    phone.submit(&page, &[], Some("allow"));
    secrets.of_browser(&phone);
    let tokens = token(stack, "tv", &form).json();
    assert!(tokens["refresh_token"].is_string(), "{tokens}");
    secrets.of_answer(&tokens);
    // One that nobody decides on.
    secrets.of_answer(&client_post(stack, "/device_authorization", "tv", &[]).json());
}

fn failures(stack: &Stack, secrets: &mut Secrets) {
    let port = stack.ports().http;
    let password = |user: &str, password: &str| {
        let form = [
            ("grant_type", "password"),
            ("username", user),
            ("password", password),
        ];
        token(stack, "legacy", &form).json()
    };
    secrets.of_answer(&password(ALICE.0, ALICE.1));
    secrets.add("wrong password", "mistyped-by-alice");
    password(ALICE.0, "mistyped-by-alice");
    // A password in the box for the name, as it happens.
    secrets.add("wrong name", "typed-into-the-wrong-box");
    password("typed-into-the-wrong-box", "x");
    let mut browser = Browser::new(port);
    let page: Page = browser.open(&authorize_path(&code_request("web", "api:read")));
    let filled = [
        ("username", "typed-into-the-wrong-box"),
        ("password", "mistyped-by-alice"),
    ];
    browser.submit(&page, &filled, None);
    secrets.add("wrong secret", "the-secret-of-another");
    let form = [("grant_type", "client_credentials")];
    let wrong = basic("service", "the-secret-of-another");
    post("/token")
        .header("authorization", &wrong)
        .form(&form)
        .send(port);
    let in_form = [
        form[0],
        ("client_id", "service"),
        ("client_secret", "the-secret-of-another"),
    ];
    post("/token").form(&in_form).send(port);
    // In the URL, where the issuer refuses them: nobody may write them down all the same.
    secrets.add("secret in the URL", "a-secret-in-a-url");
    for path in [
        "/token",
        "/userinfo",
        "/authorize",
        "/device",
        "/revoke",
        "/logout",
        "/account",
        "/nothing",
    ] {
        let target =
            format!("{path}?client_secret=a-secret-in-a-url&access_token=a-secret-in-a-url");
        post(&target).form(&form).send(port);
        get(&target).bearer("a-secret-in-a-url").send(port);
    }
    secrets.of_answer(&token(stack, "service", &form).json());
}

#[test]
fn no_log_and_no_file_of_the_store_has_a_secret_in_it() {
    let options = StackOptions {
        issuer_edits: vec![Edit::once("level = \"info\"", "level = \"debug\"")],
        filter_log: "debug".to_owned(),
        ..StackOptions::default()
    };
    let stack = Stack::start(options).unwrap_or_else(|error| panic!("{error}"));
    let secrets = traffic(&stack).spellings();
    assert!(secrets.len() > 100, "{}", secrets.len());
    // All that is in memory goes to disk, and the store can be read.
    stack.stop_issuer();
    let store = stack.issuer_config().with_file_name("store");
    let mut files = files_below(&store);
    assert!(
        files.iter().any(|file| file.ends_with("sled/db")),
        "{files:?}"
    );
    let logs = files_below(&stack.log_dir());
    assert_eq!(logs.len(), 3, "{logs:?}");
    files.extend(logs);
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let found = found(&bytes, &secrets);
        assert!(found.is_empty(), "{}: {found:?}", file.display());
    }
    // What is there is found: the test would notice.
    let log = fs::read(stack.log_dir().join("issuer.log")).unwrap();
    let known = [("message", b"token issued".to_vec())];
    assert!(!found(&log, &known).is_empty());
}
