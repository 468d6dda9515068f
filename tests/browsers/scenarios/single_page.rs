//! A client that is nothing but a page of another origin.

use dockgate_stack::Deadline;
use dockgate_tests::webdriver::Session;
use serde_json::{Value, json};
use std::time::Duration;

use super::visitor;
use crate::visitor::ALLOW;

#[test]
fn a_page_without_any_library_signs_in_calls_the_api_and_refreshes() {
    let visitor = visitor();
    let browser = &visitor.browser;
    let own = visitor.world.site.single_page_origin();
    let issuer = visitor.world.stack.base_url();
    browser.go(&format!("{own}/?issuer={issuer}"));
    browser.click("#sign-in");
    visitor.log_in();
    browser.click(ALLOW);
    browser.wait_for_url(own);
    let signed_in = json!({ "signed_in": "api:read", "token_type": "Bearer" });
    assert_eq!(said(browser, "signed_in"), signed_in);

    browser.click("#call");
    let called = said(browser, "status");
    assert_eq!(called["status"], 200, "{called}");
    assert_eq!(called["body"]["message"], "Access granted");

    browser.click("#refresh");
    assert_eq!(said(browser, "refreshed"), json!({ "refreshed": true }));
    browser.click("#call");
    assert_eq!(said(browser, "status")["status"], 200);

    // It can read why it is refused.
    browser.run(
        "sessionStorage.access_token = 'x'; said.textContent = ''",
        json!([]),
    );
    browser.click("#call");
    let refused = said(browser, "status");
    assert_eq!(refused["status"], 401, "{refused}");
    let challenge = refused["challenge"].as_str().unwrap_or_default();
    assert!(challenge.contains("error=\"invalid_token\""), "{refused}");
}

/// What the page says, once it says this or that something failed.
#[track_caller]
fn said(browser: &Session, member: &str) -> Value {
    let said = Deadline::after(Duration::from_secs(30)).poll(|| {
        let text = browser.run("return said.textContent", json!([]));
        let said: Value = serde_json::from_str(text.as_str()?).ok()?;
        (said.get(member).is_some() || said.get("failed").is_some()).then_some(said)
    });
    said.unwrap_or_else(|| panic!("no {member} at {}", browser.url()))
}
