//! Every scenario in Chromium.

const BROWSER: dockgate_tests::webdriver::BrowserKind =
    dockgate_tests::webdriver::BrowserKind::Chromium;

#[path = "scenarios/mod.rs"]
mod scenarios;
