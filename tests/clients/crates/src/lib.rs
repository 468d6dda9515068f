//! What every client here is given: the demo that runs, and a person who uses it in a browser.

use std::env;

use openidconnect::reqwest::{Client, redirect};
use serde_json::Value;

/// Where `web` is sent back to. Nobody listens: the person tells where the browser ended.
pub const CALLBACK: &str = "http://localhost:3000/callback";

/// The public origin: the API's and the issuer's.
///
/// # Panics
/// When the test has not said it.
pub fn origin() -> String {
    told("DOCKGATE_ORIGIN")
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is how the test that runs it tells it where the demo is"
)]
fn told(name: &str) -> String {
    env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: `cargo xtask test clients` sets it"))
}

/// Says what has just worked; it becomes a line of docs/compatibility.md.
pub fn exercised(what: &str) {
    println!("exercised {what}");
}

/// Follows no redirect: a client that did could be sent anywhere.
///
/// # Panics
/// Never.
pub fn http() -> Client {
    let builder = Client::builder().redirect(redirect::Policy::none());
    builder
        .build()
        .expect("nothing of the system's is asked for")
}

/// Alice opens a URL, logs in if she is asked to, and agrees; gives the URL where she ends.
///
/// # Panics
/// When she gets stuck.
pub async fn visit(url: &str) -> String {
    let person = http().get(told("DOCKGATE_PERSON"));
    let sent = person.query(&[("url", url)]).send().await;
    let answer = sent.and_then(|answer| answer.error_for_status());
    answer
        .expect("she ends somewhere")
        .text()
        .await
        .expect("a URL")
}

/// A parameter of a URL.
///
/// # Panics
/// When it is not there.
pub fn parameter(url: &str, name: &str) -> String {
    let url = openidconnect::url::Url::parse(url).expect("a URL");
    let found = url.query_pairs().find(|(own, _)| own == name);
    let (_, value) = found.unwrap_or_else(|| panic!("no {name} in {url}"));
    value.into_owned()
}

/// Calls the API, and gives status and body.
///
/// # Panics
/// When nothing answers.
pub async fn call(token: &str) -> (u16, Value) {
    let url = format!("{}/api/protected/data", origin());
    let answer = http()
        .get(url)
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    let text = answer.text().await.expect("text");
    (status, serde_json::from_str(&text).expect("JSON"))
}
