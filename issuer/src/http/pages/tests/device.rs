//! Connecting a device.

use axum::http::Request;
use serde_json::Value;

use super::browser::*;
use super::{ALICE, BOB};

async fn post(issuer: &Issuer, path: &str, body: &str) -> Value {
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.to_owned().into());
    serde_json::from_str(&issuer.ask(request.unwrap()).await.body).unwrap()
}

async fn begin(issuer: &Issuer, scope: &str) -> Value {
    let body = format!("client_id=tv&scope={scope}");
    post(issuer, "/device_authorization", &body).await
}

async fn poll(issuer: &Issuer, begun: &Value) -> Value {
    let body = format!(
        "client_id=tv&grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code={}",
        begun["device_code"].as_str().unwrap()
    );
    post(issuer, "/token", &body).await
}

/// A browser that has typed the code.
async fn on_confirmation<'a>(
    issuer: &'a Issuer,
    begun: &Value,
    user: (&str, &str),
) -> (Browser<'a>, Page) {
    let mut browser = Browser::new(issuer);
    let login = browser.open("/device").await;
    assert!(login.body.contains("to connect a device"), "{}", login.body);
    let code_page = browser.log_in(&login, user).await;
    let code = begun["user_code"].as_str().unwrap();
    let typed = code.to_lowercase().replace('-', " ");
    let page = browser
        .submit(&code_page, &[("user_code", &typed)], None)
        .await;
    let page = browser.follow(page).await;
    (browser, page)
}

#[tokio::test]
async fn a_device_gets_its_tokens_once_its_user_agrees() {
    let issuer = Issuer::demo();
    let begun = begin(&issuer, "api:read+api:write").await;
    let (mut browser, page) = on_confirmation(&issuer, &begun, ALICE).await;
    let code = begun["user_code"].as_str().unwrap();
    for text in [
        code,
        "Demo television",
        "<code>tv</code>",
        "<bdi>alice</bdi>",
        "before you",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert_eq!(page.ticked(), ["api:read", "api:write"]);
    assert_eq!(
        poll(&issuer, &begun).await["error"],
        "authorization_pending"
    );
    let done = browser.submit(&page, &[], Some("allow")).await;
    assert!(done.body.contains("is connected"), "{}", done.body);
    set_clock(NOW + 5);
    assert_eq!(poll(&issuer, &begun).await["scope"], "api:read api:write");
    let again = browser.submit(&page, &[], Some("deny")).await;
    assert!(again.body.contains("decided before"), "{}", again.body);
}

#[tokio::test]
async fn a_device_that_comes_after_the_logout_gets_nothing() {
    let issuer = Issuer::demo();
    let begun = begin(&issuer, "api:read").await;
    let (mut browser, page) = on_confirmation(&issuer, &begun, ALICE).await;
    browser.submit(&page, &[], Some("allow")).await;
    let logout = browser.open("/logout").await;
    browser.submit(&logout, &[], Some("logout")).await;
    set_clock(NOW + 5);
    assert_eq!(poll(&issuer, &begun).await["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_in_the_address_is_filled_in_and_still_has_to_be_confirmed() {
    let issuer = Issuer::demo();
    let begun = begin(&issuer, "api:read").await;
    let complete = begun["verification_uri_complete"].as_str().unwrap();
    let path = complete.strip_prefix("http://localhost:8080").unwrap();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(path).await;
    let code_page = browser.log_in(&login, ALICE).await;
    assert_eq!(
        code_page.field("user_code"),
        begun["user_code"].as_str().unwrap()
    );
    let page = browser.submit(&code_page, &[], None).await;
    let page = browser.follow(page).await;
    assert_eq!(
        poll(&issuer, &begun).await["error"],
        "authorization_pending"
    );
    let mut one = page.fields();
    one.push(("decision".to_owned(), "allow".to_owned()));
    browser.post("/device", &one).await;
    set_clock(NOW + 5);
    assert!(poll(&issuer, &begun).await["access_token"].is_string());
}

#[tokio::test]
async fn no_and_yes_to_nothing_deny() {
    for untick in [false, true] {
        let issuer = Issuer::demo();
        let begun = begin(&issuer, "api:read").await;
        let (mut browser, page) = on_confirmation(&issuer, &begun, ALICE).await;
        let mut fields = page.fields();
        fields.retain(|(name, _)| !untick || name != "scope");
        let decision = if untick { "allow" } else { "deny" };
        fields.push(("decision".to_owned(), decision.to_owned()));
        let done = browser.post("/device", &fields).await;
        assert!(done.body.contains("not connected"), "{}", done.body);
        set_clock(NOW + 5);
        assert_eq!(poll(&issuer, &begun).await["error"], "access_denied");
    }
}

#[tokio::test]
async fn a_user_grants_a_device_only_what_the_user_may() {
    let issuer = Issuer::demo();
    let begun = begin(&issuer, "api:read+api:write").await;
    let (_, page) = on_confirmation(&issuer, &begun, BOB).await;
    assert_eq!(page.ticked(), ["api:read"]);
    let begun = begin(&issuer, "api:write").await;
    let (_, page) = on_confirmation(&issuer, &begun, BOB).await;
    assert!(page.body.contains("cannot be connected"), "{}", page.body);
}

#[tokio::test]
async fn a_decision_needs_the_token_of_its_page_and_session() {
    let issuer = Issuer::demo();
    let begun = begin(&issuer, "api:read").await;
    let (mut browser, page) = on_confirmation(&issuer, &begun, ALICE).await;
    let forged = [("csrf", "x")];
    assert_eq!(
        browser.submit(&page, &forged, Some("allow")).await.status,
        403
    );
    let (mut other, _) = on_confirmation(&issuer, &begun, BOB).await;
    assert_eq!(other.submit(&page, &[], Some("allow")).await.status, 403);
    browser.cookies.remove("dockgate-session");
    let login = browser.submit(&page, &[], Some("allow")).await;
    assert!(login.header("location").starts_with("login?flow="));
    assert_eq!(
        poll(&issuer, &begun).await["error"],
        "authorization_pending"
    );
}

#[tokio::test]
async fn guessing_codes_is_slow() {
    let issuer = Issuer::demo();
    let begun = begin(&issuer, "api:read").await;
    let mut browser = Browser::new(&issuer);
    let login = browser.open("/device").await;
    let page = browser.log_in(&login, ALICE).await;
    let malformed = browser
        .submit(&page, &[("user_code", "AEIO-UAEI")], None)
        .await;
    let malformed = browser.follow(malformed).await;
    assert_eq!(malformed.status, 422, "no code looks like this: no guess");
    assert!(malformed.body.contains("A code has eight letters"));
    for _ in 0..10 {
        let wrong = browser
            .submit(&page, &[("user_code", "BBBB-BBBB")], None)
            .await;
        let wrong = browser.follow(wrong).await;
        assert_eq!(wrong.status, 422);
        assert_eq!(wrong.field("user_code"), "BBBB-BBBB");
        assert!(wrong.body.contains("no such code"));
    }
    let right = begun["user_code"].as_str().unwrap();
    let throttled = browser.submit(&page, &[("user_code", right)], None).await;
    assert_eq!(
        (throttled.status, throttled.header("retry-after")),
        (429, "60")
    );
    set_clock(NOW + 60);
    assert_eq!(
        browser
            .submit(&page, &[("user_code", right)], None)
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn right_codes_are_no_guesses_however_many_there_are() {
    let issuer = Issuer::demo();
    for _ in 0..12 {
        let begun = begin(&issuer, "api:read").await;
        let (_, page) = on_confirmation(&issuer, &begun, ALICE).await;
        let code = begun["user_code"].as_str().unwrap();
        assert!(page.body.contains(code), "{}", page.body);
    }
}
