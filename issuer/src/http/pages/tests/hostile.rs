//! Text that others choose, wherever a page may show it, and what an address may have in it.

use axum::http::Request;
use dockgate_token::Scope;
use url::form_urlencoded::Serializer;

use super::ALICE;
use super::browser::*;
use crate::http::app::App;
use crate::protocol::User;

/// What breaks out of a text, an attribute, a URL or a style, in the spellings that filters overlook.
const PAYLOADS: [&str; 30] = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "\" autofocus onfocus=alert(1) x=\"",
    "' onmouseover='alert(1)",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'>",
    "<math><mi//xlink:href=\"data:x,alert(1)\">",
    "<a href=\"javascript:alert(1)\">x</a>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example>",
    "<form action=//evil.example><input type=submit>",
    "<style>@import '//evil.example';</style>",
    "<input type=hidden name=csrf value=x>",
    "<!--",
    "]]><script>alert(1)</script>",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "{% include \"login.html\" %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u{ff1c}script\u{ff1e}alert(1)",
    "<scr\u{ad}ipt>alert(1)</script>",
    "+ADw-script+AD4-alert(1)",
];

/// The tags of a page in their order, each with its attributes and without their values.
fn skeleton(page: &Page) -> Vec<String> {
    let tag = |rest: &str| {
        let mut shape = String::new();
        for outside in rest.split('"').step_by(2) {
            match outside.split_once('>') {
                None => shape += outside,
                Some((last, _)) => return shape + last,
            }
        }
        panic!("a tag without an end: {rest}");
    };
    page.body.split('<').skip(1).map(tag).collect()
}

/// Every page that shows something of a request; with a text in each place that it may come from.
async fn shown_with(text: &str) -> Vec<(&'static str, Page)> {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let own = ["login_hint", "state", "ui_locales", "acr_values", "nonce"].map(|name| (name, text));
    let login = browser.open(&request("web", "api:read", &own)).await;
    let filled = [("username", text), ("password", "looking-glass")];
    let again = browser.submit(&login, &filled, None).await;
    let again = browser.follow(again).await;
    let mut bad = url::form_urlencoded::Serializer::new("/authorize?".to_owned());
    for name in ["client_id", "error", "error_description", "error_uri"] {
        bad.append_pair(name, text);
    }
    let error = browser.open(&bad.finish().replacen("?&", "?", 1)).await;
    let consent = browser.log_in(&login, ALICE).await;
    let typed = url::form_urlencoded::byte_serialize(text.as_bytes());
    let typed: String = typed.collect();
    let device = browser.open(&format!("/device?user_code={typed}")).await;
    let wrong = browser.submit(&device, &[("user_code", text)], None).await;
    let wrong = browser.follow(wrong).await;
    vec![
        ("login", login),
        ("wrong login", again),
        ("error", error),
        ("consent", consent),
        ("device", device),
        ("wrong code", wrong),
    ]
}

#[tokio::test]
async fn nothing_that_a_request_has_in_it_becomes_markup() {
    // What is not fit to be shown in a field is left out of it.
    let plain = shown_with("harmless").await;
    let without = shown_with("\u{202e}").await;
    for payload in PAYLOADS {
        let hostile = shown_with(payload).await;
        for (index, (name, page)) in hostile.iter().enumerate() {
            let expected = [skeleton(&plain[index].1), skeleton(&without[index].1)];
            assert!(
                expected.contains(&skeleton(page)),
                "{payload} on {name}: {}",
                page.body
            );
        }
    }
}

#[tokio::test]
async fn the_name_of_no_client_becomes_markup() {
    let shown_as = async |name: &'static str| {
        let issuer = Issuer::at("http://localhost:8080", move |app: &mut App| {
            let web = app.server.clients.get_mut(&"web".parse().unwrap()).unwrap();
            web.name = Some(name.to_owned());
        });
        let mut browser = Browser::new(&issuer);
        let login = browser.open(&request("web", "api:read", &[])).await;
        let consent = browser.log_in(&login, ALICE).await;
        browser.submit(&consent, &[], Some("allow")).await;
        let account = browser.open("/account").await;
        [login, consent, account]
    };
    let plain = shown_as("harmless").await;
    for payload in PAYLOADS {
        for (page, plain) in shown_as(payload).await.iter().zip(&plain) {
            assert_eq!(skeleton(page), skeleton(plain), "{payload}: {}", page.body);
        }
    }
}

/// What RFC 6749 §3.3 lets a scope be called, nearest to a text.
fn as_scope(text: &str) -> String {
    let fits = |character: char| character.is_ascii_graphic() && !matches!(character, '"' | '\\');
    let fit = |character| if fits(character) { character } else { '_' };
    text.chars().map(fit).collect()
}

#[tokio::test]
async fn no_scope_and_nothing_that_is_said_of_one_becomes_markup() {
    let shown_as = async |text: &'static str| {
        let name = as_scope(text);
        let (own, granted) = (name.clone(), name.parse::<Scope>().unwrap());
        let issuer = Issuer::at("http://localhost:8080", move |app: &mut App| {
            let scopes = &mut app.server.resource_servers[0].scopes;
            let mut scope = scopes[0].clone();
            scope.name = own;
            scope.description = text.to_owned();
            scopes.push(scope);
            for client in ["web", "tv"] {
                let client = app.server.clients.get_mut(&client.parse().unwrap());
                client.unwrap().scope = granted.clone();
            }
            let users = app.server.users.configured().cloned();
            app.server.users = users
                .map(|user| User {
                    scope: granted.clone(),
                    ..user
                })
                .collect();
        });
        let mut browser = Browser::new(&issuer);
        let login = browser.open(&request("web", &name, &[])).await;
        let consent = browser.log_in(&login, ALICE).await;
        assert!(consent.ticked().contains(&name), "{}", consent.body);
        browser.submit(&consent, &[], Some("allow")).await;
        let account = browser.open("/account").await;
        let form = Serializer::new("client_id=tv".to_owned())
            .append_pair("scope", &name)
            .finish();
        let begun = Request::post("/device_authorization")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.into());
        let begun = issuer.ask(begun.unwrap()).await;
        let begun: serde_json::Value = serde_json::from_str(&begun.body).unwrap();
        let device = browser.open("/device").await;
        let code = [("user_code", begun["user_code"].as_str().unwrap())];
        let device = browser.submit(&device, &code, None).await;
        let device = browser.follow(device).await;
        assert!(device.ticked().contains(&name), "{}", device.body);
        [consent, account, device]
    };
    let plain = shown_as("harmless").await;
    for payload in PAYLOADS {
        for (page, plain) in shown_as(payload).await.iter().zip(&plain) {
            assert_eq!(skeleton(page), skeleton(plain), "{payload}: {}", page.body);
        }
    }
}

#[tokio::test]
async fn no_address_has_anything_of_the_user_in_it() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "openid api:read", &[])).await;
    let wrong = [("username", ALICE.0), ("password", "looking-glass")];
    let wrong = browser.submit(&login, &wrong, None).await;
    let again = browser.follow(wrong.clone()).await;
    let consent = browser.log_in(&again, ALICE).await;
    let back = browser.submit(&consent, &[], Some("allow")).await;
    let account = browser.open("/account").await;
    let ended = browser.submit(&account, &[("others", "all")], None).await;
    let logout = browser.open("/logout").await;
    let done = browser.submit(&logout, &[], Some("logout")).await;
    let session = browser.cookies.get("dockgate-session");
    assert_eq!(session, None, "it is over");
    for page in [
        &login, &wrong, &again, &consent, &back, &account, &ended, &logout, &done,
    ] {
        for text in [
            ALICE.0,
            ALICE.1,
            "looking-glass",
            "Liddell",
            "example.com",
            "user-",
        ] {
            assert!(!page.url.contains(text), "{text} in {}", page.url);
            let location = page.header("location");
            assert!(!location.contains(text), "{text} in {location}");
        }
    }
}

#[tokio::test]
async fn a_session_in_an_address_or_a_form_is_none() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open("/account").await;
    let account = browser.log_in(&login, ALICE).await;
    assert!(account.body.contains("id=\"sessions\""), "{}", account.body);
    let session = browser.cookies["dockgate-session"].clone();
    let mut other = Browser::new(&issuer);
    for name in ["dockgate-session", "session", "sid", "cookie"] {
        let page = other.open(&format!("/account?{name}={session}")).await;
        assert!(page.body.contains("id=\"password\""), "{name}");
        let filled = [
            (name, session.as_str()),
            ("username", "x"),
            ("password", "y"),
        ];
        let posted = other.submit(&page, &filled, None).await;
        assert_eq!(other.cookies.get("dockgate-session"), None, "{name}");
        let posted = other.follow(posted).await;
        assert!(posted.body.contains("id=\"password\""), "{name}");
    }
}
