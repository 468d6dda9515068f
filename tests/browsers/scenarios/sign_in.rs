//! From a client to the login page, and back with a code.

use dockgate_tests::client_site::ONWARD;

use super::visitor;
use crate::visitor::{ALLOW, PASSWORD};

#[test]
fn a_login_and_a_consent_end_at_the_client_with_a_code_that_opens_the_api() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    visitor.begin(&state, &[("prompt", "consent")]);
    visitor.log_in();
    browser.click(ALLOW);
    browser.wait_for_url(&visitor.world.site.callback());
    assert_eq!(browser.title(), "Back at the client");
    let tokens = visitor.redeem(&visitor.answer(&state));
    visitor.assert_opens(&tokens);

    browser.go(&format!("{}/device", visitor.world.stack.base_url()));
    let cookies = browser.cookies();
    let session = cookies
        .iter()
        .find(|cookie| cookie["name"] == "dockgate-session");
    let session = session.unwrap_or_else(|| panic!("no session in {cookies:?}"));
    assert_eq!(session["httpOnly"], true);
    assert_eq!(session["sameSite"], "Lax");
    assert_eq!(session["domain"], "localhost");
}

#[test]
fn a_client_may_send_its_user_on_to_other_origins_after_a_consent() {
    let visitor = visitor();
    let state = visitor.state(ONWARD);
    visitor.begin(&state, &[("prompt", "consent")]);
    visitor.log_in();
    visitor.browser.click(ALLOW);
    visitor.browser.wait_for_url(&visitor.world.site.end());
    visitor.redeem(&visitor.answer(&state));
}

#[test]
fn a_client_may_send_its_user_on_to_other_origins_after_a_login_alone() {
    let visitor = visitor();
    let browser = &visitor.browser;
    let first = visitor.state("plain");
    visitor.begin(&first, &[("prompt", "consent")]);
    visitor.log_in();
    browser.click(ALLOW);
    visitor.answer(&first);
    // What was agreed to is not asked for again: the login form itself leads to the client.
    let second = visitor.state(ONWARD);
    visitor.begin(&second, &[("prompt", "login")]);
    assert!(browser.has(PASSWORD));
    visitor.log_in();
    browser.wait_for_url(&visitor.world.site.end());
    visitor.redeem(&visitor.answer(&second));
}

#[test]
fn an_answer_by_form_post_leaves_by_itself_and_may_go_on_elsewhere() {
    let visitor = visitor();
    let state = visitor.state(ONWARD);
    let changes = [("prompt", "consent"), ("response_mode", "form_post")];
    visitor.begin(&state, &changes);
    visitor.log_in();
    visitor.browser.click(ALLOW);
    visitor.browser.wait_for_url(&visitor.world.site.end());
    visitor.redeem(&visitor.answer(&state));
}
