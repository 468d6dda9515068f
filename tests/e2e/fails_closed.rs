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
