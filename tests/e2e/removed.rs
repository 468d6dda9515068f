//! What is left of a user or a client that is no longer in the configuration, and of a password that
//! has changed.

use dockgate_stack::{Stack, StackOptions};
use dockgate_tests::browser::Browser;
use dockgate_tests::forge::now;
use dockgate_tests::http::get;
use dockgate_tests::sign_in::*;
use serde_json::{Value, json};

const ALICE: (&str, &str) = ("alice", "wonderland");

/// A stack in which alice has a login, tokens of `spa`, and a code that nobody has redeemed.
struct Before {
    stack: Stack,
    browser: Browser,
    tokens: Value,
    pending: String,
}

fn before() -> Before {
    let stack = Stack::start(StackOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    let tokens = tokens(&stack, "spa", "openid api:read");
    let mut browser = Browser::new(stack.ports().http);
    let page = authorize(&mut browser, &code_request("spa", "api:read"), ALICE);
    let pending = code(&page);
    Before {
        stack,
        browser,
        tokens,
        pending,
    }
}

/// Starts the issuer again with another configuration; the store stays.
fn restart_with(stack: &Stack, change: impl Fn(&str) -> String) {
    stack.stop_issuer();
    let file = stack.issuer_config();
    let config = std::fs::read_to_string(&file).unwrap();
    let changed = change(&config);
    assert_ne!(changed, config);
    std::fs::write(&file, changed).unwrap();
    stack.start_issuer().unwrap();
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

fn is_logged_in(browser: &mut Browser) -> bool {
    let mut silent = code_request("web", "api:read");
    silent.push(("prompt", "none"));
    let page = browser.open(&authorize_path(&silent));
    page.query()["error"] != "login_required"
}

#[test]
fn a_user_who_was_removed_has_no_code_no_token_and_no_login() {
    let mut before = before();
    let (stack, tokens) = (&before.stack, &before.tokens);
    restart_with(stack, |config| {
        without(config, "[[users]]", "username = \"alice\"")
    });
    let redeemed = redeem(stack, "spa", &before.pending);
    assert_eq!(
        (redeemed.status, &redeemed.json()["error"]),
        (400, &json!("invalid_grant"))
    );
    let refreshed = refresh(stack, "spa", text(tokens, "refresh_token"));
    assert_eq!(
        (refreshed.status, &refreshed.json()["error"]),
        (400, &json!("invalid_grant"))
    );
    let access = text(tokens, "access_token");
    assert_eq!(introspect(stack, access), json!({ "active": false }));
    assert_eq!(
        get("/userinfo")
            .bearer(access)
            .send(stack.ports().http)
            .status,
        401
    );
    assert!(!is_logged_in(&mut before.browser));
    let login = before
        .browser
        .open(&authorize_path(&code_request("web", "api:read")));
    let filled = [("username", ALICE.0), ("password", ALICE.1)];
    let refused = before.browser.submit(&login, &filled, None);
    assert_eq!(refused.response.status, 422);
}

/// The configuration with the password `builder` for alice.
fn with_bobs_password(config: &str) -> String {
    let hash = |name: &str| {
        let at = config.find(&format!("username = \"{name}\"")).unwrap();
        let line = config[at..]
            .lines()
            .find(|line| line.starts_with("password_hash"));
        line.unwrap().to_owned()
    };
    config.replace(&hash("alice"), &hash("bob"))
}

#[test]
fn a_new_password_alone_ends_nothing_and_logins_since_ends_all() {
    let mut before = before();
    let (stack, tokens) = (&before.stack, &before.tokens);
    restart_with(stack, with_bobs_password);
    let login = |password: &str| {
        let mut browser = Browser::new(stack.ports().http);
        let page = browser.open(&authorize_path(&code_request("web", "api:read")));
        let filled = [("username", ALICE.0), ("password", password)];
        browser.submit(&page, &filled, None).response.status
    };
    assert_eq!((login("wonderland"), login("builder")), (422, 200));
    assert!(is_logged_in(&mut before.browser));
    let tokens = refresh(stack, "spa", text(tokens, "refresh_token")).json();
    let access = text(&tokens, "access_token");
    assert_eq!(introspect(stack, access)["active"], true);

    let since = format!("logins_since = {}\nusername = \"alice\"", now() + 1);
    restart_with(stack, |config| {
        config.replace("username = \"alice\"", &since)
    });
    assert!(!is_logged_in(&mut before.browser));
    let refused = refresh(stack, "spa", text(&tokens, "refresh_token"));
    assert_eq!(
        (refused.status, &refused.json()["error"]),
        (400, &json!("invalid_grant"))
    );
    assert_eq!(introspect(stack, access), json!({ "active": false }));
    assert_eq!(
        redeem(stack, "spa", &before.pending).json()["error"],
        "invalid_grant"
    );
}

#[test]
fn a_client_that_was_removed_has_no_code_and_no_token() {
    let before = before();
    let (stack, tokens) = (&before.stack, &before.tokens);
    restart_with(stack, |config| {
        without(config, "[[clients]]", "client_id = \"spa\"")
    });
    let redeemed = redeem(stack, "spa", &before.pending);
    assert_eq!(
        (redeemed.status, &redeemed.json()["error"]),
        (401, &json!("invalid_client"))
    );
    let foreign = redeem(stack, "web", &before.pending);
    assert_eq!(
        foreign.json()["error"],
        "invalid_grant",
        "nobody else's either"
    );
    let refreshed = refresh(stack, "spa", text(tokens, "refresh_token"));
    assert_eq!(refreshed.json()["error"], "invalid_client");
    let access = text(tokens, "access_token");
    assert_eq!(introspect(stack, access), json!({ "active": false }));
    assert_eq!(
        get("/userinfo")
            .bearer(access)
            .send(stack.ports().http)
            .status,
        401
    );
}
