//! Without keys nobody is let in, and with new keys nobody waits for long.

use std::time::Duration;

use dockgate_stack::{Deadline, Stack, StackOptions};
use dockgate_tests::forge::Forge;
use dockgate_tests::http::get;
use dockgate_token::Algorithm;

#[test]
fn before_there_are_keys_a_token_gets_503_and_no_token_401() {
    let forge = Forge::new();
    let document = forge.jwks.document();
    for (status, answer) in [
        (500, document.as_str()),
        (200, "<html>"),
        (200, "{\"keys\":[]}"),
    ] {
        forge.jwks.answer_with(status, answer);
        let options = StackOptions {
            await_keys: false,
            ..forge.stack_options()
        };
        let stack = Stack::start(options).unwrap_or_else(|error| panic!("{error}"));
        let token = forge.token(Algorithm::RS256, |_| {});
        let ask = || {
            get("/api/protected/data")
                .bearer(&token)
                .send(stack.ports().http)
        };
        let refused = ask();
        assert_eq!(
            (refused.status, refused.header("retry-after")),
            (503, Some("1"))
        );
        assert_eq!(
            get("/api/protected/data").send(stack.ports().http).status,
            401
        );
        assert_eq!(
            get("/api/public/health").send(stack.ports().http).status,
            200
        );

        forge.jwks.answer_with(200, &document);
        let admitted =
            Deadline::after(Duration::from_secs(40)).poll(|| (ask().status == 200).then_some(()));
        assert_eq!(admitted, Some(()), "after {status} {answer}");
    }
}

#[test]
fn a_bad_document_never_takes_good_keys_away() {
    let forge = Forge::new();
    let stack = forge.stack();
    let token = forge.token(Algorithm::RS256, |_| {});
    let document = forge.jwks.document();
    for (status, answer) in [
        (500, "{}"),
        (200, "not json"),
        (200, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}"),
    ] {
        forge.jwks.answer_with(status, answer);
        let served = forge.jwks.served();
        let asked = Deadline::after(Duration::from_secs(45))
            .poll(|| (forge.jwks.served() > served + 1).then_some(()));
        assert_eq!(asked, Some(()), "the filter refreshes its keys");
        assert_eq!(
            get("/api/protected/data")
                .bearer(&token)
                .send(stack.ports().http)
                .status,
            200
        );
    }
    forge.jwks.answer_with(200, &document);
}

#[test]
fn an_unknown_key_makes_the_filter_ask_once_and_not_for_each_request() {
    let forge = Forge::new();
    let all: serde_json::Value = serde_json::from_str(&forge.jwks.document()).unwrap();
    let only_rsa: Vec<_> = all["keys"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|key| key["alg"] != "ES256")
        .cloned()
        .collect();
    forge
        .jwks
        .answer_with(200, &serde_json::json!({ "keys": only_rsa }).to_string());
    let stack = forge.stack();
    let token = forge.token(Algorithm::ES256, |_| {});
    let ask = || {
        get("/api/protected/data")
            .bearer(&token)
            .send(stack.ports().http)
            .status
    };
    let served = forge.jwks.served();
    forge.jwks.answer_with(200, &all.to_string());
    assert_eq!(ask(), 401, "the key is not known yet");
    let admitted = Deadline::after(Duration::from_secs(20)).poll(|| (ask() == 200).then_some(()));
    assert_eq!(admitted, Some(()), "the new key is used");
    let stranger = forge.token_with_key_id(Algorithm::ES256, "stranger");
    for _ in 0..300 {
        assert_eq!(
            get("/api/protected/data")
                .bearer(&stranger)
                .send(stack.ports().http)
                .status,
            401
        );
    }
    // Each of the two workers may have asked once for the key and may have refreshed meanwhile.
    let fetches = forge.jwks.served() - served;
    assert!(fetches <= 8, "{fetches} fetches for hundreds of requests");
}
