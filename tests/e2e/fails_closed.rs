//! Without keys nobody is let in, and with new keys nobody waits for long.

use std::time::Duration;

use dockgate_stack::{Deadline, Edit, Stack, StackOptions};
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

/// With its headers of before, the upstream would believe what a client says of itself.
#[test]
fn a_request_whose_headers_the_host_does_not_let_be_changed_goes_no_further() {
    for capability in [
        "proxy_remove_header_map_value",
        "proxy_replace_header_map_value",
    ] {
        let line = format!("                      {capability}: {{}}\n");
        let forge = Forge::new();
        let mut options = StackOptions {
            // The token that a start is waited for with would not pass.
            await_keys: false,
            ..forge.stack_options()
        };
        options.envoy_edits.push(Edit::once(line, ""));
        let stack = Stack::start(options).unwrap_or_else(|error| panic!("{error}"));
        let port = stack.ports().http;
        let token = forge.token(Algorithm::ES256, |_| {});
        let with_token = || {
            let request = get("/api/protected/data").bearer(&token).send(port);
            (request.status != 503).then_some(request.status)
        };
        let seen = Deadline::after(Duration::from_secs(40)).poll(with_token);
        assert_eq!(seen, Some(500), "{capability}");
        let spoofed = get("/api/public/health").header("x_auth_subject", "admin");
        let status = spoofed.send(port).status;
        let removes = capability.contains("remove");
        assert_eq!(status, if removes { 500 } else { 200 }, "{capability}");
        assert_eq!(get("/api/public/health").send(port).status, 200);
    }
}

/// The stack without one thing that the filter may ask its host for.
fn without(capability: &str, forge: &Forge) -> Result<Stack, String> {
    let line = format!("                      {capability}: {{}}\n");
    let mut options = StackOptions {
        // The token that a start is waited for with would not pass.
        await_keys: false,
        ..forge.stack_options()
    };
    options.envoy_edits.push(Edit::once(line, ""));
    Stack::start(options).map_err(|error| error.to_string())
}

/// What cannot tell the time cannot tell whether a token is over.
#[test]
fn without_the_hosts_clock_no_token_passes() {
    let forge = Forge::new();
    let stack = without("proxy_get_current_time_nanoseconds", &forge).unwrap();
    let port = stack.ports().http;
    let token = forge.token(Algorithm::ES256, |_| {});
    for _ in 0..20 {
        let status = get("/api/protected/data").bearer(&token).send(port).status;
        assert!(matches!(status, 401 | 503), "{status}");
    }
    assert_eq!(get("/api/public/health").send(port).status, 200);
}

/// The tables of the filter are seeded with it, against who would choose what falls together.
#[test]
fn without_the_hosts_randomness_envoy_does_not_start() {
    match without("random_get", &Forge::new()) {
        Ok(_) => panic!("it started"),
        Err(error) => assert!(error.contains("random"), "{error}"),
    }
}
