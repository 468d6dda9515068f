//! A page as it is looked at.

use std::path::PathBuf;

use dockgate_tests::webdriver::{ColorScheme, Session};
use serde_json::json;

/// Of a phone and of a desk, in CSS pixels. The heights are those of a first glance; a longer page is
/// shown whole.
const SIZES: [(u32, u32); 2] = [(360, 720), (1280, 800)];

/// Takes all pictures of the page that is shown.
#[track_caller]
pub(super) fn look(browser: &Session, set: &str, page: &str) {
    let dir: PathBuf = dockgate_stack::demo_dir().join("pictures").join(set);
    for (width, height) in SIZES {
        let mut shown = height;
        // What is above a page grows with the window, a little.
        for _ in 0..2 {
            browser.set_viewport(width, shown);
            let whole = browser.run("return document.documentElement.scrollHeight", json!([]));
            let whole = whole.as_u64().and_then(|whole| u32::try_from(whole).ok());
            shown = shown.max(whole.expect("a page has a height"));
        }
        browser.set_viewport(width, shown);
        for (scheme, name) in [(ColorScheme::Light, "light"), (ColorScheme::Dark, "dark")] {
            browser.prefer(scheme);
            browser.take_picture(&dir.join(format!("{page}-{width}-{name}.png")));
        }
    }
}
