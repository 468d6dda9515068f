//! The store: what was acknowledged is there after a kill, damage is never an empty start, and a
//! backup brings everything back.

use std::process::{Command, Output};
use std::time::Duration;

use dockgate_stack::{Artifacts, Deadline, Stack, StackOptions};
use dockgate_tests::browser::Browser;
use dockgate_tests::http::get;
use dockgate_tests::sign_in::*;

fn start() -> Stack {
    Stack::start(StackOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn issuer(stack: &Stack, arguments: &[&str]) -> Output {
    let program = Artifacts::locate().unwrap().issuer;
    let (command, rest) = arguments.split_first().unwrap();
    Command::new(program)
        .arg(command)
        .arg("--config")
        .arg(stack.issuer_config())
        .args(rest)
        .output()
        .unwrap()
}

#[test]
fn a_redeemed_code_stays_redeemed_and_a_pending_one_dies_with_the_process() {
    let stack = start();
    let mut browser = Browser::new(stack.ports().http);
    let user = ("alice", "wonderland");
    let used = code(&authorize(
        &mut browser,
        &code_request("spa", "api:read"),
        user,
    ));
    assert_eq!(redeem(&stack, "spa", &used).status, 200);
    let pending = code(&authorize(
        &mut browser,
        &code_request("spa", "api:read"),
        user,
    ));
    stack.kill_issuer();
    stack.start_issuer().unwrap();
    for code in [used, pending] {
        assert_eq!(
            redeem(&stack, "spa", &code).json()["error"],
            "invalid_grant"
        );
    }
    // The browser is still logged in.
    let mut silent = code_request("web", "api:read");
    silent.push(("prompt", "none"));
    let page = browser.open(&authorize_path(&silent));
    assert_ne!(
        page.query().get("error").map(String::as_str),
        Some("login_required")
    );
}

#[test]
fn an_orderly_stop_keeps_pending_codes() {
    let stack = start();
    let mut browser = Browser::new(stack.ports().http);
    let user = ("alice", "wonderland");
    let pending = code(&authorize(
        &mut browser,
        &code_request("spa", "api:read"),
        user,
    ));
    stack.stop_issuer();
    stack.start_issuer().unwrap();
    assert_eq!(redeem(&stack, "spa", &pending).status, 200);
}

#[test]
fn a_damaged_store_ends_the_start_with_65_and_says_how_to_restore() {
    let stack = start();
    tokens(&stack, "spa", "api:read");
    stack.stop_issuer();
    let database = stack.issuer_config().parent().unwrap().to_owned();
    let log = find(&database, "db").expect("the database's file");
    let bytes = std::fs::read(&log).unwrap();
    let damaged: Vec<u8> = bytes.iter().map(|byte| byte ^ 0x55).collect();
    std::fs::write(&log, damaged).unwrap();
    let output = issuer(&stack, &["serve"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(65), "{said}");
    assert!(said.contains("restore"), "{said}");
    std::fs::write(&log, bytes).unwrap();
    stack.start_issuer().unwrap();
}

#[test]
fn a_backup_of_the_running_issuer_brings_everything_back() {
    let stack = start();
    let user = tokens(&stack, "spa", "api:read");
    let keys = get("/.well-known/jwks.json").send(stack.ports().http).body;
    let file = std::env::temp_dir().join(format!("dockgate-backup-{}", std::process::id()));
    let path = file.to_str().unwrap();
    let output = issuer(&stack, &["backup", path]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    stack.stop_issuer();
    let refused = issuer(&stack, &["restore", path]);
    assert!(
        !refused.status.success(),
        "a store in use is not written over"
    );
    let database = find(stack.issuer_config().parent().unwrap(), "sled").expect("the store");
    let store = database.parent().unwrap();
    std::fs::remove_dir_all(store).unwrap();
    let restored = issuer(&stack, &["restore", path]);
    assert!(
        restored.status.success(),
        "{}",
        String::from_utf8_lossy(&restored.stderr)
    );
    std::fs::remove_file(file).unwrap();
    stack.start_issuer().unwrap();
    assert_eq!(
        get("/.well-known/jwks.json").send(stack.ports().http).body,
        keys
    );
    assert_eq!(
        refresh(&stack, "spa", text(&user, "refresh_token")).status,
        200
    );
    // A token signed by the same keys still opens the API.
    let opened = Deadline::after(Duration::from_secs(10)).poll(|| {
        let api = get("/api/protected/data")
            .bearer(text(&user, "access_token"))
            .send(stack.ports().http);
        (api.status == 200).then_some(())
    });
    assert!(opened.is_some());
}

/// The entry of that name at or below a directory.
fn find(directory: &std::path::Path, name: &str) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(directory).ok()?.flatten() {
        let path = entry.path();
        if path.file_name().is_some_and(|own| own == name) {
            return Some(path);
        }
        if path.is_dir()
            && let Some(found) = find(&path, name)
        {
            return Some(found);
        }
    }
    None
}
