//! Line breaks, wherever an answer may repeat something in a header.

use super::ALICE;
use super::browser::*;

/// Ends a header and writes others, in the spellings that decoders and old proxies know.
const BREAKS: [&str; 8] = [
    "x\r\nset-cookie: injected=1",
    "x\nset-cookie: injected=1",
    "x\rset-cookie: injected=1",
    "x\r\n\r\n<p>injected",
    "x%0d%0aset-cookie:%20injected=1",
    "x\u{560d}\u{560a}set-cookie: injected=1",
    "x\u{85}set-cookie: injected=1",
    "x\u{2028}set-cookie: injected=1\0",
];

/// Everything that takes a parameter, with `text` in each; the last ends at the client.
async fn answers(text: &str) -> Vec<(String, Page)> {
    let issuer = &Issuer::demo();
    let mut all = Vec::new();
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    for path in [
        "/authorize",
        "/login",
        "/consent",
        "/device",
        "/logout",
        "/account",
    ] {
        for name in [
            "flow",
            "client_id",
            "redirect_uri",
            "post_logout_redirect_uri",
            "request_uri",
            "state",
            "user_code",
            "ui_locales",
            "id_token_hint",
        ] {
            let mut browser = Browser::new(issuer);
            let page = browser.get(&format!("{path}?{name}={encoded}")).await;
            all.push((format!("{path} {name}"), page));
        }
    }
    // What an error tells a client has its way there checked before.
    for name in [
        "scope",
        "response_type",
        "response_mode",
        "prompt",
        "resource",
        "max_age",
    ] {
        let mut browser = Browser::new(issuer);
        let path = request("web", "api:read", &[("state", text), (name, text)]);
        all.push((name.to_owned(), browser.get(&path).await));
    }
    let mut browser = Browser::new(issuer);
    let own = ["state", "nonce", "login_hint"].map(|name| (name, text));
    let login = browser.open(&request("web", "api:read", &own)).await;
    let wrong = [("username", text), ("password", text)];
    all.push((
        "wrong".to_owned(),
        browser.submit(&login, &wrong, None).await,
    ));
    let consent = browser.log_in(&login, ALICE).await;
    let back = browser.submit(&consent, &[], Some("allow")).await;
    assert_eq!(back.answer()["state"], text, "it comes back as it was");
    all.push(("code".to_owned(), back));
    all
}

#[tokio::test]
async fn what_has_line_breaks_in_it_becomes_no_header() {
    let plain = answers("harmless").await;
    for text in BREAKS {
        for ((what, page), (_, plain)) in answers(text).await.iter().zip(&plain) {
            assert!(page.status < 500, "{what} {text:?}: {page:?}");
            let known = |name: &String| {
                plain.header_names().contains(name) || name == "content-security-policy"
            };
            for name in page.header_names() {
                // A refusal has a page where the harmless text had a redirect, or none.
                let usual = ["content-type", "location", "content-length", "retry-after"];
                assert!(
                    known(&name) || usual.contains(&name.as_str()),
                    "{what} {text:?}: {name}"
                );
                for value in page.headers(&name) {
                    let escaped = name == "location" && value.contains("%0");
                    let has_break = value.bytes().any(|byte| byte < b' ' || byte == 0x7f);
                    assert!(!has_break, "{what}: {name}: {value:?}");
                    assert!(
                        !value.contains("injected") || name == "location" || escaped,
                        "{what}: {name}: {value:?}"
                    );
                }
            }
        }
    }
}
