//! The account page: what has access, and how it ends.

use dockgate_tests::http::post;
use dockgate_tests::sign_in::text;
use dockgate_tests::webdriver::Key;
use serde_json::{Value, json};

use super::visitor;
use crate::visitor::{ALLOW, PASSWORD, Visitor, WONDERLAND};

const REMOVE_WEB: &str = "button[name=application][value=web]";
const OTHERS: &str = "button[name=others]";

fn account(visitor: &Visitor) -> String {
    format!("{}/account", visitor.world.stack.base_url())
}

/// Signs in by way of a client, which then has access.
fn with_access(visitor: &Visitor) -> Value {
    let state = visitor.state("plain");
    visitor.begin(&state, &[("prompt", "consent")]);
    visitor.log_in();
    visitor.browser.click(ALLOW);
    visitor.redeem(&visitor.answer(&state))
}

fn refreshes(visitor: &Visitor, tokens: &Value) -> bool {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "web"),
        ("client_secret", "web-secret"),
        ("refresh_token", text(tokens, "refresh_token")),
    ];
    let answer = post("/token").form(&form);
    answer.send(visitor.world.stack.ports().http).status == 200
}

#[test]
fn an_application_whose_access_is_removed_refreshes_no_more() {
    let visitor = visitor();
    let browser = &visitor.browser;
    let tokens = with_access(&visitor);
    browser.go(&account(&visitor));
    assert!(browser.page_text().contains("Read your data"));
    browser.click(REMOVE_WEB);
    browser.wait_for("[role=status]");
    assert!(!browser.has(REMOVE_WEB));
    assert!(!refreshes(&visitor, &tokens));
}

#[test]
fn the_other_browser_is_signed_out_and_this_one_is_not() {
    let (here, there) = (visitor(), visitor());
    with_access(&there);
    here.browser.go(&account(&here));
    here.log_in_as(&there.username, WONDERLAND);
    here.browser.click(OTHERS);
    here.browser.wait_for("[role=status]");
    there.browser.go(&account(&there));
    assert!(there.browser.has(PASSWORD));
    here.browser.go(&account(&here));
    assert!(!here.browser.has(PASSWORD));
}

#[test]
fn the_account_page_needs_no_mouse() {
    let visitor = visitor();
    let browser = &visitor.browser;
    with_access(&visitor);
    browser.go(&account(&visitor));
    let focused = "const { name, value } = document.activeElement
        const style = getComputedStyle(document.activeElement)
        return { name, value, seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 }";
    for _ in 0..20 {
        browser.press(Key::Tab);
        let focus = browser.run(focused, json!([]));
        // Chromium may begin with the document itself.
        if focus["name"].is_null() {
            continue;
        }
        assert_eq!(focus["seen"], true, "{focus}");
        if focus["name"] == "application" && focus["value"] == "web" {
            browser.press(Key::Enter);
            browser.wait_for("[role=status]");
            return;
        }
    }
    panic!("the button is not reached: {}", browser.page_text());
}
