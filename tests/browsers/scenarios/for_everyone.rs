//! Every page for everyone: who uses a screen reader, a phone, a dark screen. axe-core looks at each
//! page in each of these, and the browser must have nothing to complain of.

use dockgate_tests::sign_in::text;
use dockgate_tests::webdriver::ColorScheme;
use serde_json::{Value, json};

use super::own_settings::assert_at_home;
use super::visitor;
use crate::visitor::{ALLOW, Visitor};

#[test]
fn the_pages_of_a_login_are_for_everyone() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    let changes = [
        ("prompt", "consent"),
        ("scope", "openid api:read api:write"),
    ];
    visitor.begin(&state, &changes);
    assert_for_everyone(&visitor, "Sign in");
    visitor.log_in_as(&visitor.username, "looking-glass");
    browser.wait_for("[role=alert]");
    assert_for_everyone(&visitor, "Sign in");
    visitor.log_in();
    browser.wait_for(ALLOW);
    assert_for_everyone(&visitor, "Allow access?");
}

#[test]
fn the_pages_for_a_device_are_for_everyone() {
    let visitor = visitor();
    let browser = &visitor.browser;
    let begun = visitor.begin_device();
    browser.go(text(&begun, "verification_uri"));
    visitor.log_in();
    browser.wait_for("#user_code");
    assert_for_everyone(&visitor, "Connect a device");
    browser.fill("#user_code", "what?");
    browser.click("button.main");
    browser.wait_for("[role=alert]");
    assert_for_everyone(&visitor, "Connect a device");
    browser.fill("#user_code", text(&begun, "user_code"));
    browser.click("button.main");
    browser.wait_for(ALLOW);
    assert_for_everyone(&visitor, "Connect this device?");
    browser.click(ALLOW);
    browser.wait_for("[role=status]");
    assert_for_everyone(&visitor, "The device is connected");
}

#[test]
fn the_pages_of_a_logout_and_of_an_error_are_for_everyone() {
    let visitor = visitor();
    let browser = &visitor.browser;
    let base = visitor.world.stack.base_url();
    visitor.begin(&visitor.state("plain"), &[("prompt", "consent")]);
    visitor.log_in();
    browser.wait_for(ALLOW);
    browser.go(&format!("{base}/logout"));
    assert_for_everyone(&visitor, "Sign out?");
    browser.click("button[value=logout]");
    browser.wait_for("[role=status]");
    assert_for_everyone(&visitor, "You are signed out");
    // Its status is of no concern to who sees it, but the browser notes it.
    browser.go(&format!("{base}/login?flow=AAAA"));
    assert_for_everyone(&visitor, "There is nothing to go on with");
}

#[test]
fn the_account_page_is_for_everyone() {
    let visitor = visitor();
    let (browser, state) = (&visitor.browser, visitor.state("plain"));
    let changes = [
        ("prompt", "consent"),
        ("scope", "openid api:read api:write"),
    ];
    visitor.begin(&state, &changes);
    visitor.log_in();
    browser.click(ALLOW);
    visitor.redeem(&visitor.answer(&state));
    browser.go(&format!("{}/account", visitor.world.stack.base_url()));
    assert_for_everyone(&visitor, "Your account");
    browser.click("button[name=application][value=web]");
    browser.wait_for("[role=status]");
    assert_for_everyone(&visitor, "Your account");
}

#[test]
fn what_would_keep_people_out_is_seen() {
    let visitor = visitor();
    let browser = &visitor.browser;
    visitor.begin(&visitor.state("plain"), &[]);
    browser.set_viewport(360, 640);
    assert_eq!(overflow(&visitor), 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
    // A picture that the policy does not allow, a field that nobody can name, and pale text that is
    // wider than a phone.
    let script = "
        document.querySelector('main').insertAdjacentHTML('beforeend', arguments[0])
        const wide = document.querySelector('#wide')
        wide.style.width = '500px'
        wide.style.color = matchMedia('(prefers-color-scheme: dark)').matches ? '#222' : '#eee'";
    let added = "<img alt='' src='data:image/gif;base64,R0lGODlhAQABAAAAACw='><input type=text>\
        <p id=wide>Pale</p>";
    browser.run(script, json!([added]));
    assert!(overflow(&visitor) > 0);
    let rules: Vec<Value> = barriers(&visitor)
        .iter()
        .map(|one| one["rule"].clone())
        .collect();
    assert_eq!(rules, ["color-contrast", "label"]);
    let complaints = browser.complaints();
    let of_the_policy = |complaint: &String| {
        complaint.contains("Content Security Policy")
            || complaint.contains("Content-Security-Policy")
    };
    assert!(complaints.iter().any(of_the_policy), "{complaints:?}");
}

/// By how many pixels the page is wider than what shows it.
#[track_caller]
fn overflow(visitor: &Visitor) -> i64 {
    let script = "return document.documentElement.scrollWidth - innerWidth";
    let pixels = visitor.browser.run(script, json!([]));
    pixels
        .as_i64()
        .unwrap_or_else(|| panic!("{pixels} are no pixels"))
}

/// Looks at the page that is shown, on phones and on desks, in light and in dark.
#[track_caller]
fn assert_for_everyone(visitor: &Visitor, title: &str) {
    let browser = &visitor.browser;
    assert!(browser.title().starts_with(title), "{}", browser.title());
    for (width, height) in [(360, 640), (1280, 800)] {
        browser.set_viewport(width, height);
        let overflow = "return document.documentElement.scrollWidth - innerWidth";
        let overflow = browser.run(overflow, json!([]));
        assert!(
            overflow.as_i64() <= Some(0),
            "{title}: {overflow} px too wide at {width}"
        );
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            browser.prefer(scheme);
            let barriers = barriers(visitor);
            assert_eq!(
                barriers,
                Vec::<Value>::new(),
                "{title}, {width} px, {scheme:?}"
            );
        }
    }
    assert_eq!(browser.complaints(), Vec::<String>::new(), "{title}");
    assert_at_home(visitor, title);
}

/// What axe-core finds that is serious or critical.
#[track_caller]
fn barriers(visitor: &Visitor) -> Vec<Value> {
    let axe = std::fs::read_to_string(&visitor.world.programs.axe).expect("axe-core");
    let run = "
        const done = arguments[arguments.length - 1]
        axe.run(document, { resultTypes: ['violations'] }).then(
            ({ violations, passes }) => done({ violations, passes: passes.length }),
            error => done({ failed: String(error) }))";
    let result = visitor
        .browser
        .run_async(&format!("{axe};{run}"), json!([]));
    assert!(
        result["passes"].as_u64() > Some(5),
        "axe-core looked at nothing: {result}"
    );
    let found = result["violations"].as_array().cloned().unwrap_or_default();
    let serious = |one: &Value| one["impact"] == "serious" || one["impact"] == "critical";
    let brief = |one: Value| {
        let nodes = one["nodes"].as_array().cloned().unwrap_or_default();
        let nodes: Vec<Value> = nodes.iter().map(|node| node["html"].clone()).collect();
        json!({ "rule": one["id"], "help": one["help"], "nodes": nodes })
    };
    found.into_iter().filter(serious).map(brief).collect()
}
