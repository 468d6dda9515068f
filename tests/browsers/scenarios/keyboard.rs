//! Without a mouse.

use dockgate_tests::webdriver::Key;
use serde_json::{Value, json};

use super::visitor;
use crate::visitor::{ALLOW, Visitor, WONDERLAND};

#[test]
fn a_login_and_a_consent_need_no_mouse() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    let changes = [
        ("prompt", "consent"),
        ("scope", "openid api:read api:write"),
    ];
    visitor.begin(&state, &changes);
    assert_eq!(
        focus(&visitor)["name"],
        "username",
        "it is where one begins"
    );
    browser.type_text(&visitor.username);
    browser.press(Key::Tab);
    assert_eq!(focus(&visitor)["name"], "password");
    browser.type_text(WONDERLAND);
    browser.press(Key::Enter);

    browser.wait_for(ALLOW);
    let mut passed = Vec::new();
    loop {
        browser.press(Key::Tab);
        let focus = focus(&visitor);
        passed.push(focus["value"].clone());
        assert_eq!(focus["outlined"], true, "{focus}");
        match focus["value"].as_str() {
            Some("api:write") => browser.press(Key::Space),
            Some("allow") => break,
            _ => assert!(passed.len() < 10, "{passed:?}"),
        }
    }
    // What cannot be changed is passed by.
    assert_eq!(passed, ["api:read", "api:write", "allow"]);
    browser.press(Key::Space);
    let tokens = visitor.redeem(&visitor.answer(&state));
    assert_eq!(tokens["scope"], "openid api:read");
}

/// What has the focus, and whether that can be seen.
#[track_caller]
fn focus(visitor: &Visitor) -> Value {
    let script = "const { name, value } = document.activeElement
        const style = getComputedStyle(document.activeElement)
        const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        return { name, value, outlined }";
    visitor.browser.run(script, json!([]))
}
