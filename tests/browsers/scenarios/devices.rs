//! Connecting a device (RFC 8628).

use dockgate_tests::sign_in::text;

use super::visitor;
use crate::visitor::ALLOW;

#[test]
fn a_code_may_be_typed_in_lower_case_and_without_its_dash() {
    let visitor = visitor();
    let browser = &visitor.browser;
    let begun = visitor.begin_device();
    let shown = text(&begun, "user_code");
    browser.go(text(&begun, "verification_uri"));
    visitor.log_in();
    browser.fill("#user_code", &shown.replace('-', "").to_lowercase());
    browser.click("button.main");
    browser.wait_for(ALLOW);
    assert!(browser.page_text().contains(shown), "it can be compared");
    browser.click(ALLOW);
    browser.wait_for("[role=status]");
    assert!(browser.title().starts_with("The device is connected"));
    visitor.assert_opens(&visitor.poll_device(&begun));
}

#[test]
fn the_way_back_past_a_wrong_code_asks_to_send_nothing_again() {
    let visitor = visitor();
    let browser = &visitor.browser;
    let begun = visitor.begin_device();
    let type_in = |code: &str| {
        browser.fill("#user_code", code);
        browser.click("button.main");
    };
    browser.go(text(&begun, "verification_uri"));
    visitor.log_in();
    type_in("what?");
    browser.wait_for("[role=alert]");
    type_in(text(&begun, "user_code"));
    browser.wait_for(ALLOW);
    browser.back();
    browser.wait_for("#user_code");
    type_in(text(&begun, "user_code"));
    browser.click(ALLOW);
    browser.wait_for("[role=status]");
    visitor.assert_opens(&visitor.poll_device(&begun));
}

#[test]
fn a_code_that_came_in_the_address_is_in_the_field_and_is_still_asked_about() {
    let visitor = visitor();
    let browser = &visitor.browser;
    let begun = visitor.begin_device();
    browser.go(text(&begun, "verification_uri_complete"));
    visitor.log_in();
    assert_eq!(browser.value("#user_code"), text(&begun, "user_code"));
    browser.click("button.main");
    browser.wait_for(ALLOW);
    let refused = visitor.poll_device(&begun);
    assert_eq!(refused["error"], "authorization_pending");
}
