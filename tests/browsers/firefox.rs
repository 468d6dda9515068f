//! Every scenario in Firefox.

const BROWSER: dockgate_tests::webdriver::BrowserKind =
    dockgate_tests::webdriver::BrowserKind::Firefox;

#[path = "scenarios/mod.rs"]
mod scenarios;
