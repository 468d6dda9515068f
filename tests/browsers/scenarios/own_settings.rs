//! Who reads in large letters, with wide lines, in colours of their own, or without anything moving.
//! `for_everyone.rs` has every page looked at in each of these.

use dockgate_tests::webdriver::Key;
use serde_json::{Value, json};

use super::visitor;
use crate::visitor::{ALLOW, Visitor, WONDERLAND};

/// What is wider than the window, or than what it stands in (WCAG 2.2 §1.4.4, §1.4.10, §1.4.12).
const TOO_WIDE: &str = "
    const wide = [...document.querySelectorAll('body, body *')].filter(one => {
        const { left, right, width } = one.getBoundingClientRect()
        return width > 0 && (left < -1 || right > innerWidth + 1 || (one.matches('button, code, bdi, label')
            && getComputedStyle(one).display !== 'inline' && one.scrollWidth > one.clientWidth + 1))
    })
    return wide.map(one => one.outerHTML.slice(0, 120))";

/// Sets lines and letters as far apart as WCAG 2.2 §1.4.12 has them, or the letters twice as large
/// (§1.4.4); the policy of the pages has nothing against a property that a script sets.
const SPACED: &str = "
    for (const { style } of document.querySelectorAll('body, body *')) {
        style.lineHeight = '1.5'
        style.letterSpacing = '.12em'
        style.wordSpacing = '.16em'
    }
    for (const { style } of document.querySelectorAll('p')) style.marginBottom = '2em'";
const LARGE: &str = "document.documentElement.style.fontSize = '200%'";
const AS_BEFORE: &str =
    "for (const one of document.querySelectorAll('[style]')) one.removeAttribute('style')";

/// What would move.
const MOVING: &str = "
    return [...document.querySelectorAll('*')].filter(one => {
        const style = getComputedStyle(one)
        return style.animationName !== 'none' || /[1-9]/.test(style.transitionDuration)
            || style.scrollBehavior !== 'auto'
    }).map(one => one.outerHTML.slice(0, 120))";

/// What a colour alone has told apart from what is around it.
const WITHOUT_AN_EDGE: &str = "
    const boxes = 'button, input:not([type=hidden], [type=checkbox]), .alert, .warning, .good, .mark, .entries, .scopes, .shown-code'
    return [...document.querySelectorAll(boxes)].filter(one => {
        const { borderTopStyle, borderTopWidth, borderTopColor } = getComputedStyle(one)
        return borderTopStyle === 'none' || parseFloat(borderTopWidth) < 1
            || borderTopColor === 'rgba(0, 0, 0, 0)'
    }).map(one => one.outerHTML.slice(0, 120))";

/// Looks at the page that is shown, which is left as it was, but for the window's size.
#[track_caller]
pub(super) fn assert_at_home(visitor: &Visitor, title: &str) {
    let browser = &visitor.browser;
    // A window of 1280 px at four times the size, and at twice the size.
    for (width, height) in [(320, 256), (640, 512)] {
        browser.set_viewport(width, height);
        for (name, set) in [("as it is", ""), ("spaced", SPACED), ("large", LARGE)] {
            browser.run(set, json!([]));
            assert_eq!(
                found(visitor, TOO_WIDE),
                NONE,
                "{title}, {name}, {width} px"
            );
            browser.run(AS_BEFORE, json!([]));
        }
    }
    browser.prefer_stillness();
    assert_eq!(found(visitor, MOVING), NONE, "{title}");
    browser.force_colors(true);
    assert_eq!(found(visitor, WITHOUT_AN_EDGE), NONE, "{title}");
    browser.force_colors(false);
}

const NONE: [String; 0] = [];

#[track_caller]
fn found(visitor: &Visitor, script: &str) -> Vec<String> {
    let found = visitor.browser.run(script, json!([]));
    let found = found.as_array().expect("a list");
    let texts = found.iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

#[test]
fn what_does_not_bear_a_users_settings_is_seen() {
    let visitor = visitor();
    let browser = &visitor.browser;
    visitor.begin(&visitor.state("plain"), &[]);
    assert_at_home(&visitor, "Sign in");
    browser.set_viewport(320, 256);
    let added = "
        document.querySelector('main').insertAdjacentHTML('beforeend', arguments[0])
        document.querySelector('#narrow').style.cssText = 'width: 60px; white-space: nowrap'
        document.querySelector('#moves').style.transition = 'opacity 2s'
        document.querySelector('#bare').style.border = 'none'";
    let bad = "<button id=narrow>Words that have no room</button><p id=moves>Moves</p>\
        <button id=bare>Bare</button><p id=wide>wide</p>";
    browser.run(added, json!([bad]));
    browser.run(
        "document.querySelector('#wide').style.width = '400px'",
        json!([]),
    );
    let ids = |script: &str| -> Vec<String> {
        let found = found(&visitor, script).into_iter();
        found
            .filter_map(|html| Some(html.split_once("id=\"")?.1.split_once('"')?.0.to_owned()))
            .collect()
    };
    assert_eq!(ids(TOO_WIDE), ["narrow", "wide"]);
    assert_eq!(ids(MOVING), ["moves"]);
    assert_eq!(ids(WITHOUT_AN_EDGE), ["bare"]);
}

#[test]
fn in_colours_of_the_users_own_the_focus_is_still_seen() {
    let visitor = visitor();
    let browser = &visitor.browser;
    browser.go("about:blank");
    browser.force_colors(true);
    visitor.begin(&visitor.state("plain"), &[("prompt", "consent")]);
    // One more, and the browser's own controls have the focus: Firefox gives it back to no page by itself,
    // and shows none in it.
    assert_eq!(outlined(&visitor, 2), ["password", "Sign in"]);
    visitor.begin(&visitor.state("plain"), &[("prompt", "consent")]);
    browser.type_text(&visitor.username);
    browser.press(Key::Tab);
    browser.type_text(WONDERLAND);
    browser.press(Key::Enter);
    browser.wait_for(ALLOW);
    let on_consent = ["scope", "decision", "decision", "Use another account"];
    assert_eq!(outlined(&visitor, 4), on_consent);
}

/// Goes on by the keyboard, so many times, and says what that came to: each of it has to be seen.
#[track_caller]
fn outlined(visitor: &Visitor, times: usize) -> Vec<String> {
    let focus = "const { name, innerText } = document.activeElement
        const style = getComputedStyle(document.activeElement)
        return [name || innerText, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2]";
    let pressed = (0..times).map(|_| {
        visitor.browser.press(Key::Tab);
        let focus = visitor.browser.run(focus, json!([]));
        assert_eq!(focus[1], true, "{focus}");
        focus[0].as_str().unwrap_or_default().to_owned()
    });
    pressed.collect()
}
