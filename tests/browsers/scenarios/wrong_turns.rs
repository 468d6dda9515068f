//! What people do that nobody planned: wrong passwords, the back button, several tabs, cleared
//! cookies.

use serde_json::json;

use super::visitor;
use crate::visitor::{ALLOW, DENY, PASSWORD, Visitor};

#[test]
fn a_wrong_password_is_said_so_and_the_username_stays() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    visitor.begin(&state, &[("prompt", "consent")]);
    visitor.log_in_as(&visitor.username, "looking-glass");
    browser.wait_for("[role=alert]");
    let text = browser.page_text();
    assert!(
        text.contains("The username or the password is wrong."),
        "{text}"
    );
    assert_eq!(browser.value("#username"), visitor.username);
    assert_eq!(browser.value(PASSWORD), "");
    assert_eq!(focused(&visitor), "password");
    // And then it is the right one.
    browser.fill(PASSWORD, "wonderland");
    browser.click("button.main");
    browser.click(ALLOW);
    visitor.redeem(&visitor.answer(&state));
}

#[test]
fn the_way_back_after_a_login_leads_to_a_page_that_works() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    visitor.begin(&state, &[("prompt", "consent")]);
    visitor.log_in();
    browser.wait_for(ALLOW);
    browser.back();
    browser.wait_for(PASSWORD);
    let text = browser.page_text();
    let who = format!("You are signed in as {}.", visitor.username);
    assert!(text.contains(&who), "{text}");
    visitor.log_in();
    browser.click(ALLOW);
    visitor.redeem(&visitor.answer(&state));
}

#[test]
fn the_way_back_past_a_wrong_password_asks_to_send_nothing_again() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    visitor.begin(&state, &[("prompt", "consent")]);
    visitor.log_in_as(&visitor.username, "looking-glass");
    browser.wait_for("[role=alert]");
    browser.fill(PASSWORD, "wonderland");
    browser.click("button.main");
    browser.wait_for(ALLOW);
    browser.back();
    browser.wait_for(PASSWORD);
    visitor.log_in();
    browser.click(ALLOW);
    visitor.redeem(&visitor.answer(&state));
}

#[test]
fn the_way_back_after_a_consent_leads_to_a_question_or_to_the_client() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    visitor.begin(&state, &[("prompt", "consent")]);
    visitor.log_in();
    browser.click(ALLOW);
    let first = visitor.answer(&state);
    browser.wait_for_url(&visitor.world.site.callback());
    visitor.redeem(&first);
    browser.back();
    browser.wait_for(&format!("{ALLOW}, h1"));
    if browser.has(ALLOW) {
        browser.click(ALLOW);
    }
    browser.wait_for_url(&visitor.world.site.callback());
    let second = visitor.answer(&state);
    assert_ne!(second["code"], first["code"], "no code is handed out twice");
    visitor.redeem(&second);
}

#[test]
fn two_tabs_that_sign_in_at_once_both_end_well() {
    let visitor = visitor();
    let browser = &visitor.browser;
    let [one, two] = ["one", "two"].map(|start| visitor.state(start));
    visitor.begin(&one, &[("prompt", "consent")]);
    let first = browser.tab();
    let second = browser.new_tab();
    browser.switch_to(&second);
    visitor.begin(&two, &[("prompt", "consent")]);
    browser.switch_to(&first);
    visitor.log_in();
    browser.wait_for(ALLOW);
    browser.switch_to(&second);
    visitor.log_in();
    browser.click(ALLOW);
    visitor.redeem(&visitor.answer(&two));
    browser.switch_to(&first);
    browser.click(ALLOW);
    visitor.redeem(&visitor.answer(&one));
}

#[test]
fn who_denies_goes_back_to_the_client_with_an_error() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    visitor.begin(&state, &[("prompt", "consent")]);
    visitor.log_in();
    browser.click(DENY);
    browser.wait_for_url(&visitor.world.site.callback());
    let answer = visitor.answer(&state);
    assert_eq!(answer["error"], "access_denied");
    assert_eq!(answer["state"], state);
    assert_eq!(answer.get("code"), None);
}

#[test]
fn a_scope_that_is_unticked_is_not_in_the_token() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    let changes = [
        ("prompt", "consent"),
        ("scope", "openid api:read api:write"),
    ];
    visitor.begin(&state, &changes);
    visitor.log_in();
    browser.click("input[value='api:write']");
    browser.click(ALLOW);
    let tokens = visitor.redeem(&visitor.answer(&state));
    assert_eq!(tokens["scope"], "openid api:read");
}

#[test]
fn a_login_whose_cookies_are_gone_says_what_to_do() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    visitor.begin(&state, &[]);
    assert!(browser.has(PASSWORD));
    browser.delete_cookies();
    visitor.log_in();
    browser.wait_for("[role=alert]");
    let text = browser.page_text();
    assert!(
        text.contains("Open the application again in this browser."),
        "{text}"
    );
    // Which helps.
    visitor.begin(&state, &[("prompt", "consent")]);
    visitor.log_in();
    browser.click(ALLOW);
    visitor.redeem(&visitor.answer(&state));
}

#[test]
fn an_address_that_leads_to_no_login_says_what_to_do() {
    let visitor = visitor();
    let base = visitor.world.stack.base_url();
    for address in [
        "login",
        "login?flow=AAAA",
        "consent?flow=AAAA",
        "authorize?client_id=x",
    ] {
        visitor.browser.go(&format!("{base}/{address}"));
        visitor.browser.wait_for("[role=alert]");
        let text = visitor.browser.page_text();
        assert!(
            text.contains("Go back to the application"),
            "{address}: {text}"
        );
    }
}

/// The id of what has the focus.
fn focused(visitor: &Visitor) -> String {
    let id = visitor
        .browser
        .run("return document.activeElement.id", json!([]));
    id.as_str().unwrap_or_default().to_owned()
}
