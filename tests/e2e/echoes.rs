//! What a client sends along comes back as it was, byte for byte.

use dockgate_tests::authorization_server::claims;
use dockgate_tests::browser::Browser;
use dockgate_tests::demo;
use dockgate_tests::sign_in::*;

const ALICE: (&str, &str) = ("alice", "wonderland");

#[test]
fn a_state_comes_back_byte_for_byte_with_a_code_and_with_an_error() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    authorize(&mut browser, &code_request("web", "api:read"), ALICE);
    let long = "x".repeat(2048);
    for state in [
        "",
        "s",
        &long,
        "a&b=c#d",
        "\0",
        "%00%41+ ",
        "\u{e9}\u{1f600}\u{202e}",
        "\r\n\"<>\\",
    ] {
        for (name, value, answer) in [("prompt", "none", "code"), ("scope", "nothing", "error")] {
            let mut request = code_request("web", "api:read");
            request.retain(|(own, _)| *own != "state" && *own != name);
            request.extend([("state", state), (name, value)]);
            let page = browser.open(&authorize_path(&request));
            let query = page.query();
            assert!(query.contains_key(answer), "{state:?}: {}", page.url);
            let echoed = query.get("state").map(String::as_str);
            assert_eq!(echoed.unwrap_or_default(), state, "{}", page.url);
            assert_eq!(echoed.is_some(), !state.is_empty(), "an empty one is none");
            assert!(
                page.url.bytes().all(|byte| byte.is_ascii_graphic()),
                "{}",
                page.url
            );
        }
    }
}

#[test]
fn a_nonce_is_in_the_id_token_byte_for_byte() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let long = "n".repeat(1024);
    for nonce in ["n", &long, "\u{e9}\u{1f600} \"\\\0\r\n&+%41"] {
        let mut request = code_request("web", "openid");
        request.push(("nonce", nonce));
        let page = authorize(&mut browser, &request, ALICE);
        let tokens = redeem(&stack, "web", &code(&page)).json();
        assert_eq!(claims(text(&tokens, "id_token"))["nonce"], nonce);
    }
}
