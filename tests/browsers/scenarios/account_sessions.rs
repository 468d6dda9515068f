//! The account page: one session among several.

use dockgate_tests::browser::Browser;
use serde_json::json;

use super::visitor;
use crate::visitor::{PASSWORD, Visitor, WONDERLAND};

fn account(visitor: &Visitor) -> String {
    format!("{}/account", visitor.world.stack.base_url())
}

/// Signs in as `username`, and shows the account.
fn on_account(visitor: &Visitor, username: &str) {
    visitor.browser.go(&account(visitor));
    visitor.log_in_as(username, WONDERLAND);
    visitor.browser.wait_for("#sessions");
}

#[test]
fn one_other_browser_is_signed_out_and_no_third() {
    let (here, there) = (visitor(), visitor());
    on_account(&there, &here.username);
    // One that does not say what it is, and so is told from the other.
    let mut third = Browser::new(here.world.stack.ports().http);
    let page = third.open("/account");
    let filled = [
        ("username", here.username.as_str()),
        ("password", WONDERLAND),
    ];
    third.submit(&page, &filled, None);
    on_account(&here, &here.username);
    let of_there = "const buttons = [...document.querySelectorAll('button[name=session]')]
        const others = buttons.filter(one => !/A browser/.test(one.closest('li').innerText))
        return [buttons.length, others.length, others[0].value]";
    let found = here.browser.run(of_there, json!([]));
    let (buttons, others, value) = (&found[0], &found[1], found[2].as_str());
    assert_eq!((buttons, others), (&json!(2), &json!(1)), "{found}");
    let button = format!("button[value='{}']", value.expect("a value"));
    here.browser.click(&button);
    here.browser.wait_for("[role=status]");
    assert!(!here.browser.has(&button));

    there.browser.go(&account(&there));
    assert!(there.browser.has(PASSWORD));
    here.browser.go(&account(&here));
    assert!(here.browser.has("#sessions"));
    assert!(
        third
            .open("/account")
            .response
            .text()
            .contains("id=\"sessions\"")
    );
}

#[test]
fn this_browser_comes_first_however_many_have_signed_in_since() {
    let visitor = visitor();
    on_account(&visitor, &visitor.username);
    for _ in 0..21 {
        visitor.sign_in_at(&mut Browser::new(visitor.world.stack.ports().http));
    }
    visitor.browser.go(&account(&visitor));
    let own = "const entries = [...document.querySelectorAll('#sessions + ul > li')]
        return entries.map(one => /This browser/.test(one.innerText)).join()";
    let own = visitor.browser.run(own, json!([]));
    let expected = format!("true{}", ",false".repeat(19));
    assert_eq!(own, json!(expected));
}
