//! The configuration is read again while the issuer runs: under load no request fails, what was
//! taken out is dead at once, and a wrong file changes nothing.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use dockgate_stack::{Artifacts, Deadline, Stack, StackOptions};
use dockgate_tests::browser::Browser;
use dockgate_tests::http::{Response, get};
use dockgate_tests::sign_in::*;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);
const RELOADED: &str = "the configuration was reloaded: ";
const NOT_RELOADED: &str = "the configuration was not reloaded";

fn start() -> Stack {
    Stack::start(StackOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn config(stack: &Stack) -> String {
    fs::read_to_string(stack.issuer_config()).unwrap()
}

/// As a careful operator does it: no half of it is ever there.
fn write(stack: &Stack, text: &str) {
    let file = stack.issuer_config();
    let beside = file.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::rename(beside, file).unwrap();
}

fn hang_up(pid: u32) {
    let pid = Pid::from_raw(pid.cast_signed()).unwrap();
    kill_process(pid, Signal::HUP).unwrap();
}

fn times(stack: &Stack, line: &str) -> usize {
    let log = fs::read_to_string(stack.log_dir().join("issuer.log")).unwrap();
    log.matches(line).count()
}

/// Writes the file, sends SIGHUP and waits until the issuer has said so.
#[track_caller]
fn reload(stack: &Stack, text: &str, said: &str) {
    let before = times(stack, said);
    write(stack, text);
    hang_up(stack.issuer_pid().unwrap());
    let done = Deadline::after(PATIENCE).poll(|| (times(stack, said) > before).then_some(()));
    assert!(done.is_some(), "it never said {said:?}");
}

fn issuer(stack: &Stack, command: &[&str]) -> Output {
    Command::new(Artifacts::locate().unwrap().issuer)
        .args(command)
        .arg("--config")
        .arg(stack.issuer_config())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// A client more, which may ask for client credentials.
fn with_client(config: &str, id: &str) -> String {
    format!(
        "{config}\n[[clients]]\nclient_id = \"{id}\"\nsecret = \"{id}-secret\"\ngrants = [\"client_credentials\"]\nscopes = [\"api:read\"]\n"
    )
}

fn credentials(stack: &Stack, client: &str) -> Response {
    token(stack, client, &[("grant_type", "client_credentials")])
}

/// The configuration without the table that has this line.
fn without(config: &str, table: &str, line: &str) -> String {
    let at = config.find(line).unwrap();
    let begin = config[..at].rfind(table).unwrap();
    let end = config[at..]
        .find("\n[[")
        .map_or(config.len(), |end| at + end);
    format!("{}{}", &config[..begin], &config[end..])
}

/// What goes on while the configuration changes. Each is asked again and again, and each answer
/// has to be 200.
struct Load<'a> {
    stack: &'a Stack,
    stop: AtomicBool,
    answered: [AtomicUsize; 4],
}

impl Load<'_> {
    fn again(&self, kind: usize, mut ask: impl FnMut() -> Response) {
        while !self.stop.load(Ordering::Relaxed) {
            let response = ask();
            assert_eq!(response.status, 200, "{kind}: {}", response.text());
            self.answered[kind].fetch_add(1, Ordering::Relaxed);
        }
    }

    fn client_credentials(&self) {
        self.again(0, || {
            let got = credentials(self.stack, "service");
            assert_eq!(got.status, 200, "{}", got.text());
            let access = text(&got.json(), "access_token").to_owned();
            let call = get("/api/protected/data").bearer(&access);
            call.send(self.stack.ports().http)
        });
    }

    fn refresh(&self, tokens: &Value) {
        let mut current = text(tokens, "refresh_token").to_owned();
        self.again(1, || {
            let response = refresh(self.stack, "spa", &current);
            current = text(&response.json(), "refresh_token").to_owned();
            response
        });
    }

    fn userinfo(&self, tokens: &Value) {
        let access = text(tokens, "access_token");
        self.again(2, || {
            get("/userinfo")
                .bearer(access)
                .send(self.stack.ports().http)
        });
    }

    fn documents(&self) {
        self.again(3, || {
            get("/.well-known/oauth-authorization-server").send(self.stack.ports().http)
        });
    }

    fn counts(&self) -> Vec<usize> {
        let counts = self.answered.iter();
        counts.map(|count| count.load(Ordering::Relaxed)).collect()
    }
}

#[test]
fn under_load_no_request_fails_whatever_the_file_becomes() {
    let stack = start();
    let demo = config(&stack);
    let families: Vec<_> = (0..2)
        .map(|_| tokens(&stack, "spa", "openid api:read"))
        .collect();
    let load = Load {
        stack: &stack,
        stop: AtomicBool::new(false),
        answered: Default::default(),
    };
    std::thread::scope(|scope| {
        let stopped = Stopped(&load.stop);
        for tokens in &families {
            scope.spawn(|| load.client_credentials());
            scope.spawn(|| load.refresh(tokens));
            scope.spawn(|| load.userinfo(tokens));
        }
        scope.spawn(|| load.documents());
        for round in 0..8 {
            let before = load.counts();
            let robot = format!("robot-{round}");
            assert_eq!(credentials(&stack, &robot).status, 401);
            reload(&stack, &with_client(&demo, &robot), RELOADED);
            assert_eq!(credentials(&stack, &robot).status, 200);

            let wrong = demo.replacen("client_id = \"tv\"", "client_id = \"web\"", 1);
            reload(&stack, &wrong, NOT_RELOADED);
            assert_eq!(credentials(&stack, &robot).status, 200, "as before");

            let scope = format!("{{ name = \"round:{round}\" }},\n    {{ name = \"api:admin\"");
            let changed = demo
                .replacen("{ name = \"api:admin\"", &scope, 1)
                .replacen(
                    "scopes = [\"api:read\", \"api:write\"]",
                    &format!("scopes = [\"api:read\", \"api:write\", \"round:{round}\"]"),
                    1,
                )
                .replacen(
                    "access_token_seconds = 600",
                    "access_token_seconds = 300",
                    1,
                );
            reload(&stack, &changed, RELOADED);
            assert_eq!(credentials(&stack, &robot).status, 401, "taken out");
            let round = format!("round:{round}");
            let form = [("grant_type", "client_credentials"), ("scope", &*round)];
            let narrowed = token(&stack, "service", &form).json();
            assert_eq!(
                (&narrowed["scope"], &narrowed["expires_in"]),
                (&json!(round), &json!(300))
            );

            // Several at once, of which the last counts.
            for _ in 0..5 {
                write(&stack, &with_client(&demo, "gone"));
                hang_up(stack.issuer_pid().unwrap());
            }
            reload(&stack, &demo, RELOADED);
            let last = Deadline::after(PATIENCE)
                .poll(|| (credentials(&stack, "gone").status == 401).then_some(()));
            assert!(last.is_some(), "the last file counts");
            // Every kind of request was answered in between.
            let more = || {
                load.counts()
                    .iter()
                    .zip(&before)
                    .all(|(now, then)| now > then)
            };
            let busy = Deadline::after(PATIENCE).poll(|| more().then_some(()));
            assert!(busy.is_some(), "{before:?} {:?}", load.counts());
        }
        drop(stopped);
    });
}

/// Ends the load also where the test fails.
struct Stopped<'a>(&'a AtomicBool);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_user_and_a_client_that_were_taken_out_have_nothing_left_at_once() {
    let stack = start();
    let demo = config(&stack);
    let own = tokens(&stack, "spa", "openid api:read");
    let mut browser = Browser::new(stack.ports().http);
    let alice = ("alice", "wonderland");
    let page = authorize(&mut browser, &code_request("spa", "api:read"), alice);
    let pending = code(&page);
    let access = text(&own, "access_token");
    let userinfo = || {
        get("/userinfo")
            .bearer(access)
            .send(stack.ports().http)
            .status
    };
    assert_eq!(
        (introspect(&stack, access)["active"].clone(), userinfo()),
        (json!(true), 200)
    );

    // Whatever she had is good again once she is back: nothing of it was looked up in between.
    reload(
        &stack,
        &without(&demo, "[[users]]", "username = \"alice\""),
        RELOADED,
    );
    assert_eq!(introspect(&stack, access), json!({ "active": false }));
    assert_eq!(userinfo(), 401);
    let mut silent = code_request("web", "api:read");
    silent.push(("prompt", "none"));
    let page = browser.open(&authorize_path(&silent));
    assert_eq!(page.query()["error"], "login_required");
    let refreshed = refresh(&stack, "spa", text(&own, "refresh_token"));
    assert_eq!(refreshed.json()["error"], "invalid_grant");
    assert_eq!(
        redeem(&stack, "spa", &pending).json()["error"],
        "invalid_grant"
    );

    reload(&stack, &demo, RELOADED);
    let own = tokens(&stack, "spa", "openid api:read");
    let access = text(&own, "access_token");
    reload(
        &stack,
        &without(&demo, "[[clients]]", "client_id = \"spa\""),
        RELOADED,
    );
    assert_eq!(introspect(&stack, access), json!({ "active": false }));
    let refreshed = refresh(&stack, "spa", text(&own, "refresh_token"));
    assert_eq!(refreshed.json()["error"], "invalid_client");
}

#[test]
fn the_command_says_what_changed_or_what_is_wrong() {
    let stack = start();
    let demo = config(&stack);
    write(&stack, &with_client(&demo, "robot"));
    let output = issuer(&stack, &["reload"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("reloaded: clients: added \"robot\""),
        "{text}"
    );
    assert_eq!(credentials(&stack, "robot").status, 200);

    let wrong = demo.replacen("access_token_seconds = 600", "acess_token_seconds = 600", 1);
    write(&stack, &wrong);
    let line = 1 + wrong
        .split_once("acess_token")
        .unwrap()
        .0
        .matches('\n')
        .count();
    let output = issuer(&stack, &["reload"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(64), "{text}");
    let expected = "unknown key `acess_token_seconds`. Did you mean `access_token_seconds`?";
    assert!(
        text.contains(&format!("issuer.toml:{line}: {expected}")),
        "{text}"
    );
    assert_eq!(credentials(&stack, "robot").status, 200, "as before");

    let moved = demo.replacen("[store]\n", "[store]\ncache_mib = 17\n", 1);
    write(&stack, &moved);
    let output = issuer(&stack, &["reload", "--json"]);
    assert_eq!(output.status.code(), Some(64), "{}", said(&output));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["reloaded"], false);
    let problem = &answer["problems"][0];
    let line = 1 + moved
        .split_once("cache_mib")
        .unwrap()
        .0
        .matches('\n')
        .count();
    assert_eq!(problem["line"], line, "{answer}");
    assert!(
        problem["wrong"]
            .as_str()
            .unwrap()
            .starts_with("store.cache_mib is 17"),
        "{answer}"
    );
    let checked = issuer(&stack, &["check", "--json"]);
    let verdict: Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!(
        (checked.status.code(), &verdict["ok"]),
        (Some(0), &json!(true))
    );

    write(&stack, &demo);
    stack.stop_issuer();
    let output = issuer(&stack, &["reload"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("no issuer runs with the store at"), "{text}");
}

#[test]
fn a_signal_before_it_serves_ends_nothing() {
    let stack = start();
    stack.stop_issuer();
    let mut child = Command::new(Artifacts::locate().unwrap().issuer)
        .args(["serve", "--config"])
        .arg(stack.issuer_config())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = child.id();
    let status = format!("/proc/{pid}/status");
    // Bit 0 of the signals that are caught is SIGHUP.
    let caught = Deadline::after(PATIENCE).poll(|| {
        let status = fs::read_to_string(&status).ok()?;
        let mask = status
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"))?;
        let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
        (mask & 1 == 1).then_some(())
    });
    assert!(caught.is_some(), "the signal has no handler");
    hang_up(pid);
    let served = Deadline::after(PATIENCE).poll(|| {
        let ready = issuer(&stack, &["health"]).status.success();
        ready.then_some(())
    });
    let ended = child.try_wait().unwrap();
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::TERM).unwrap();
    child.wait().unwrap();
    assert_eq!((served, ended), (Some(()), None));
}
