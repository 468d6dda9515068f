//! The operator's commands on the issuer behind Envoy: what they change counts at once for people and
//! clients, and costs nobody a request.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use dockgate_stack::{Artifacts, Stack, StackOptions};
use dockgate_tests::authorization_server::{basic, token_request};
use dockgate_tests::browser::Browser;
use dockgate_tests::http::{Response, get, post};
use dockgate_tests::sign_in::{authorize, code, code_request, redeem, refresh, text};

const CAROL: (&str, &str) = ("carol", "correct horse battery");

fn stack() -> Stack {
    Stack::start(StackOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// What a command that succeeds writes.
#[track_caller]
fn command(stack: &Stack, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(Artifacts::locate().unwrap().issuer)
        .args(arguments)
        .arg("--config")
        .arg(stack.issuer_config())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn client_token(stack: &Stack, client: &str, secret: &str) -> Response {
    post("/token")
        .header("authorization", basic(client, secret))
        .form(&[("grant_type", "client_credentials"), ("scope", "api:read")])
        .send(stack.ports().http)
}

#[test]
fn a_user_who_is_added_logs_in_and_is_out_once_disabled() {
    let stack = stack();
    let add = [
        "user",
        "add",
        CAROL.0,
        "--scope",
        "openid api:read",
        "--password-stdin",
        "--json",
    ];
    let added: serde_json::Value = serde_json::from_str(&command(&stack, &add, CAROL.1)).unwrap();
    let mut browser = Browser::new(stack.ports().http);
    let page = authorize(&mut browser, &code_request("web", "openid api:read"), CAROL);
    let tokens = redeem(&stack, "web", &code(&page));
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let tokens = tokens.json();
    let admitted = get("/api/protected/data")
        .bearer(text(&tokens, "access_token"))
        .send(stack.ports().http);
    assert_eq!(admitted.json()["user"], added["subject"]);

    // A code that is on its way when the user is disabled.
    let page = authorize(&mut browser, &code_request("web", "api:read"), CAROL);
    let done = command(&stack, &["user", "disable", CAROL.0], "");
    assert!(done.contains("1 session"), "{done}");
    let refused = redeem(&stack, "web", &code(&page));
    assert_eq!(refused.json()["error"], "invalid_grant");
    let refused = refresh(&stack, "web", text(&tokens, "refresh_token"));
    assert_eq!(refused.json()["error"], "invalid_grant");
    let page = authorize(&mut browser, &code_request("web", "api:read"), CAROL);
    assert!(
        page.response.text().contains("name=\"password\""),
        "the session is over, and the password none"
    );

    // Let in again, with nothing of before.
    command(&stack, &["user", "enable", CAROL.0], "");
    let refused = refresh(&stack, "web", text(&tokens, "refresh_token"));
    assert_eq!(refused.json()["error"], "invalid_grant");
    let page = browser.open(&dockgate_tests::sign_in::authorize_path(&code_request(
        "web", "api:read",
    )));
    assert!(page.response.text().contains("name=\"password\""));
}

#[test]
fn a_client_that_is_added_gets_tokens_and_keeps_them_through_a_rotation() {
    let stack = stack();
    let add = [
        "client",
        "add",
        "job",
        "--grant",
        "client_credentials",
        "--scope",
        "api:read",
    ];
    let first = command(&stack, &add, "");
    let token = client_token(&stack, "job", first.trim());
    assert_eq!(token.status, 200, "{}", token.text());
    let admitted = get("/api/protected/data")
        .bearer(text(&token.json(), "access_token"))
        .send(stack.ports().http);
    assert_eq!(admitted.status, 200, "{}", admitted.text());
    let second = command(
        &stack,
        &["client", "rotate-secret", "job", "--overlap", "3600"],
        "",
    );
    for secret in [&first, &second] {
        assert_eq!(client_token(&stack, "job", secret.trim()).status, 200);
    }
    let third = command(
        &stack,
        &["client", "rotate-secret", "job", "--overlap", "0"],
        "",
    );
    for (secret, status) in [(&first, 401), (&second, 401), (&third, 200)] {
        assert_eq!(client_token(&stack, "job", secret.trim()).status, status);
    }
    // As after any start.
    stack.kill_issuer();
    stack.start_issuer().unwrap();
    assert_eq!(client_token(&stack, "job", third.trim()).status, 200);
}

#[test]
fn changes_under_load_cost_no_request() {
    let stack = stack();
    let changing = AtomicBool::new(true);
    let requests = AtomicUsize::new(0);
    let lost = Mutex::new(BTreeSet::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while changing.load(Ordering::Relaxed) {
                    let form = [("grant_type", "client_credentials"), ("scope", "api:read")];
                    let answer = token_request(&stack, &form);
                    requests.fetch_add(1, Ordering::Relaxed);
                    if answer.status != 200 {
                        lost.lock().unwrap().insert(answer.text());
                    }
                }
            });
        }
        for number in 0..10 {
            let (user, client) = (format!("user-{number}"), format!("client-{number}"));
            command(&stack, &["user", "add", &user, "--password-stdin"], CAROL.1);
            command(
                &stack,
                &["client", "add", &client, "--grant", "client_credentials"],
                "",
            );
            command(&stack, &["user", "remove", &user], "");
            command(&stack, &["client", "remove", &client], "");
        }
        changing.store(false, Ordering::Relaxed);
    });
    let requests = requests.load(Ordering::Relaxed);
    assert!(requests > 100, "{requests}");
    assert_eq!(*lost.lock().unwrap(), BTreeSet::new(), "of {requests}");
}
