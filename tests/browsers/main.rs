//! People's browsers before the pages of the real issuer, through the real Envoy: Chromium and
//! Firefox, each with an empty profile for each test.
//!
//! `cargo xtask test browsers` finds or fetches the browsers; `cargo xtask test browsers -- firefox`
//! runs the tests of one. What a browser showed when its test failed is in a picture below the target
//! directory. `cargo xtask pictures` takes pictures of every page. COVERAGE.md says which requirement each test shows.

#![expect(
    clippy::duplicate_mod,
    reason = "every scenario is a test of each browser, named after it"
)]

mod chromium;
mod firefox;
mod pictures;
mod visitor;
mod world;
