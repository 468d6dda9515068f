//! Logging out (OIDC RP-Initiated Logout).

use dockgate_tests::http::percent_encode;
use dockgate_tests::sign_in::text;

use super::visitor;
use crate::visitor::{ALLOW, PASSWORD};

#[test]
fn after_a_logout_by_the_client_the_password_is_needed_again() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    visitor.begin(&state, &[("prompt", "consent")]);
    visitor.log_in();
    browser.click(ALLOW);
    let tokens = visitor.redeem(&visitor.answer(&state));
    // Nobody has to log in twice.
    let again = visitor.state("plain");
    visitor.begin(&again, &[]);
    visitor.redeem(&visitor.answer(&again));

    let home = format!("{}/", visitor.world.site.origin());
    browser.go(&format!(
        "{}/logout?id_token_hint={}&post_logout_redirect_uri={}",
        visitor.world.stack.base_url(),
        text(&tokens, "id_token"),
        percent_encode(&home)
    ));
    browser.wait_for_url(&home);
    assert_eq!(browser.title(), "The client");
    visitor.begin(&visitor.state("plain"), &[]);
    assert!(browser.has(PASSWORD));
}

#[test]
fn a_logout_that_nobody_vouches_for_is_asked_about_first() {
    let visitor = visitor();
    let browser = &visitor.browser;
    let logout = format!("{}/logout", visitor.world.stack.base_url());
    let state = visitor.state("plain");
    visitor.begin(&state, &[("prompt", "consent")]);
    visitor.log_in();
    browser.wait_for(ALLOW);
    browser.go(&logout);
    browser.click("button[value=stay]");
    browser.wait_for("[role=status]");
    assert!(browser.title().starts_with("You are still signed in"));
    browser.go(&logout);
    browser.click("button[value=logout]");
    browser.wait_for("[role=status]");
    assert!(browser.title().starts_with("You are signed out"));
    visitor.begin(&state, &[]);
    assert!(browser.has(PASSWORD));
}
