//! What a browser says that its user reads.

use serde_json::json;

use super::visitor;
use crate::visitor::{ALLOW, Visitor};

#[test]
fn the_pages_speak_the_first_language_of_the_browser_that_they_have() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    browser.read_languages("pt-BR,de-AT,en");
    visitor.begin(&state, &[("prompt", "consent")]);
    assert_speaks(&visitor, "de", "Anmelden");
    visitor.log_in();
    browser.wait_for(ALLOW);
    assert_speaks(&visitor, "de", "Zugriff erlauben?");
    browser.click(ALLOW);
    visitor.redeem(&visitor.answer(&state));

    browser.read_languages("fr-CA,fr");
    browser.go(&format!("{}/account", visitor.world.stack.base_url()));
    assert_speaks(&visitor, "fr", "Votre compte");
    browser.read_languages("pt-BR,pt");
    browser.reload();
    assert_speaks(&visitor, "en", "Your account");
}

#[track_caller]
fn assert_speaks(visitor: &Visitor, language: &str, title: &str) {
    let browser = &visitor.browser;
    assert!(browser.title().starts_with(title), "{}", browser.title());
    let said = browser.run("return document.documentElement.lang", json!([]));
    assert_eq!(said, language);
}
