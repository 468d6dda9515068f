//! An application without a server side, in two tabs of a real browser.

use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use dockgate_stack::{BrowserPrograms, Deadline, Ports, Process, demo_dir};
use dockgate_tests::demo;
use dockgate_tests::http::get;
use dockgate_tests::webdriver::{BrowserKind, Session};
use serde_json::{Value, json};

use crate::client::Record;
use crate::javascript::CLIENTS;

const PATIENCE: Duration = Duration::from_secs(30);

/// What the page says, once that is `expected`.
#[track_caller]
fn said(browser: &Session, expected: impl Fn(&Value) -> bool) -> Value {
    let said = Deadline::after(PATIENCE).poll(|| {
        let script = "return document.querySelector('#said')?.textContent ?? ''";
        let text = browser.run(script, json!([]));
        let said = serde_json::from_str(text.as_str()?).ok()?;
        Some(said).filter(&expected)
    });
    said.unwrap_or_else(|| panic!("{}: {}", browser.url(), browser.page_text()))
}

/// Has every tab refresh, and gives what each says then.
#[track_caller]
fn refresh_all(browser: &Session, tabs: &[String; 2], before: &Value) -> [Value; 2] {
    browser.run("refreshAll()", json!([]));
    tabs.each_ref().map(|tab| {
        browser.switch_to(tab);
        let is_new = |said: &Value| {
            let token = said.get("refresh_token");
            said.get("error").is_some()
                || token.is_some_and(|token| *token != before["refresh_token"])
        };
        said(browser, is_new)
    })
}

#[test]
fn oidc_client_ts() {
    let name = "oidc-client-ts";
    let mut record = Record::of(name, "npm", CLIENTS.version(name));
    let stack = demo();
    let port = Ports::free().unwrap().api;
    let mut command = CLIENTS.script("site.mjs");
    command.arg(port.to_string());
    let log = demo_dir().join("compatibility/site.log");
    let site = Process::start("site", command, &log).unwrap();
    let listens = || TcpStream::connect(("127.0.0.1", port)).ok();
    let up = Deadline::after(PATIENCE).poll(listens);
    assert!(up.is_some(), "{}", site.last_lines());

    let programs = BrowserPrograms::locate().unwrap_or_else(|missing| panic!("{missing}"));
    let tethered = Path::new(env!("CARGO_BIN_EXE_tethered"));
    let dir = stack.scratch_dir().join("browser-of-clients");
    let browser = Session::open(BrowserKind::Chromium, &programs, tethered, dir);
    let own = format!("http://127.0.0.1:{port}");
    browser.go(&format!("{own}/?issuer={}", stack.base_url()));
    said(&browser, |said| said == "nobody");
    browser.run("signIn()", json!([]));
    browser.wait_for("#password");
    browser.fill("#username", "alice");
    browser.fill("#password", "wonderland");
    browser.click("button.main");
    browser.wait_for("button[value=allow]");
    browser.click("button[value=allow]");
    let first = said(&browser, |said| said.get("sub").is_some());
    assert_eq!(first["email"], "alice@example.com");
    record.exercised("authorization code with PKCE, ID token, userinfo");

    let tabs = [browser.tab(), browser.new_tab()];
    browser.switch_to(&tabs[1]);
    browser.go(&own);
    said(&browser, |said| *said == first);
    // That they were at once shows in the answers: whoever repeats a token gets the same successor.
    let mut before = first.clone();
    let raced = (0..10).any(|_| {
        let users = refresh_all(&browser, &tabs, &before);
        for user in &users {
            assert_eq!(user["sub"], first["sub"], "{user}");
            let token = user["access_token"].as_str().unwrap();
            let answer = get("/api/protected/data").bearer(token);
            assert_eq!(answer.send(stack.ports().http).status, 200);
        }
        let [one, other] = users;
        let same = one["refresh_token"] == other["refresh_token"];
        before = other;
        same
    });
    assert!(raced, "the tabs were never at it together");
    record.exercised("refresh in two tabs at once");
    refresh_all(&browser, &tabs, &before);
    record.exercised("refresh again");
    browser.run("signOut()", json!([]));
    said(&browser, |said| said == "revoked");
    record.exercised("revocation");
    record.works();
}
