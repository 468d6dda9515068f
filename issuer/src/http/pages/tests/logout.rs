//! Logging out.

use super::ALICE;
use super::browser::*;

/// A browser with a session and the tokens it got in it.
async fn logged_in<'a>(issuer: &'a Issuer, scope: &str) -> (Browser<'a>, serde_json::Value) {
    let mut browser = Browser::new(issuer);
    let login = browser.open(&request("web", scope, &[])).await;
    let consent = browser.log_in(&login, ALICE).await;
    let back = browser.submit(&consent, &[], Some("allow")).await;
    let tokens = redeem(issuer, "web", &back.answer()["code"]).await;
    (browser, tokens)
}

async fn is_logged_in(browser: &mut Browser<'_>) -> bool {
    let silent = browser
        .get(&request("web", "openid", &[("prompt", "none")]))
        .await;
    silent.answer().get("error").map(String::as_str) != Some("login_required")
}

async fn refreshes(issuer: &Issuer, tokens: &serde_json::Value) -> bool {
    let body = format!(
        "grant_type=refresh_token&client_id=web&client_secret=web-secret&refresh_token={}",
        tokens["refresh_token"].as_str().unwrap()
    );
    let request = axum::http::Request::post("/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into());
    issuer.ask(request.unwrap()).await.status == 200
}

#[tokio::test]
async fn a_user_is_asked_and_then_the_session_is_gone_on_the_server() {
    let issuer = Issuer::demo();
    let (mut browser, tokens) = logged_in(&issuer, "openid api:read").await;
    let before = browser.cookies.clone();
    let page = browser.open("/logout").await;
    assert!(page.body.contains("<bdi>alice</bdi>"));
    assert!(is_logged_in(&mut browser).await, "asking ends nothing");
    let stay = browser.submit(&page, &[], Some("stay")).await;
    assert_eq!(stay.status, 200);
    assert!(is_logged_in(&mut browser).await);
    let done = browser.submit(&page, &[], Some("logout")).await;
    assert_eq!(done.status, 200);
    assert!(done.body.contains("signed out"));
    assert!(!browser.cookies.contains_key("dockgate-session"));
    browser.cookies = before;
    assert!(
        !is_logged_in(&mut browser).await,
        "the old cookie is worth nothing"
    );
    assert!(!refreshes(&issuer, &tokens).await);
}

#[tokio::test]
async fn a_page_left_open_in_another_tab_says_what_has_become_of_the_session() {
    let issuer = Issuer::demo();
    let (mut browser, _) = logged_in(&issuer, "openid").await;
    let other = browser.open("/logout").await;
    let page = browser.open("/logout").await;
    let consent = request("web", "openid", &[("prompt", "consent")]);
    let consent = browser.open(&consent).await;
    browser.submit(&page, &[], Some("logout")).await;
    for button in ["stay", "logout"] {
        let late = browser.submit(&other, &[], Some(button)).await;
        assert!(late.body.contains("You are signed out"), "{}", late.body);
    }
    let late = browser.submit(&consent, &[], Some("allow")).await;
    assert!(late.header("location").starts_with("login?flow="));
}

#[tokio::test]
async fn a_code_of_before_gives_nothing_after() {
    let issuer = Issuer::demo();
    for (scope, good) in [("openid api:read", false), ("openid offline_access", true)] {
        let (mut browser, _) = logged_in(&issuer, scope).await;
        let back = browser.get(&request("web", scope, &[])).await;
        // A login of the same user in between changes nothing.
        let again = request("web", scope, &[("prompt", "login")]);
        let login = browser.open(&again).await;
        browser.log_in(&login, ALICE).await;
        let page = browser.open("/logout").await;
        browser.submit(&page, &[], Some("logout")).await;
        let answer = redeem(&issuer, "web", &back.answer()["code"]).await;
        if good {
            assert!(answer["access_token"].is_string(), "{answer}");
        } else {
            assert_eq!(answer["error"], "invalid_grant", "{answer}");
        }
    }
}

#[tokio::test]
async fn what_is_redeemed_after_another_login_of_the_same_user_still_ends_with_the_session() {
    let issuer = Issuer::demo();
    let scope = "openid api:read";
    let (mut browser, _) = logged_in(&issuer, scope).await;
    let back = browser.get(&request("web", scope, &[])).await;
    let again = request("web", scope, &[("prompt", "login")]);
    let login = browser.open(&again).await;
    browser.log_in(&login, ALICE).await;
    let tokens = redeem(&issuer, "web", &back.answer()["code"]).await;
    let page = browser.open("/logout").await;
    browser.submit(&page, &[], Some("logout")).await;
    assert!(!refreshes(&issuer, &tokens).await);
}

#[tokio::test]
async fn what_was_granted_for_when_the_user_is_away_stays() {
    let issuer = Issuer::demo();
    let (mut browser, tokens) = logged_in(&issuer, "openid offline_access").await;
    let page = browser.open("/logout").await;
    browser.submit(&page, &[], Some("logout")).await;
    assert!(refreshes(&issuer, &tokens).await);
}

#[tokio::test]
async fn an_id_token_of_the_session_needs_no_question() {
    let issuer = Issuer::demo();
    let (mut browser, tokens) = logged_in(&issuer, "openid").await;
    let hint = tokens["id_token"].as_str().unwrap();
    let done = browser.open(&format!("/logout?id_token_hint={hint}")).await;
    assert_eq!(done.status, 200);
    assert!(done.body.contains("signed out"));
    assert!(!is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn the_browser_goes_only_where_the_client_has_registered() {
    let issuer = Issuer::at("http://localhost:8080", |app| {
        let web = app.server.clients.get_mut(&"web".parse().unwrap()).unwrap();
        let uri = "https://app.example/bye?x=1";
        let uri = crate::protocol::RedirectUri::parse(uri, web.application_type).unwrap();
        web.post_logout_redirect_uris = vec![uri];
    });
    let (mut browser, _) = logged_in(&issuer, "openid").await;
    let asked = "/logout?client_id=web&state=a%26b&post_logout_redirect_uri=";
    for evil in [
        "https%3A%2F%2Fevil.example%2F",
        "https%3A%2F%2Fapp.example%2Fbye",
        "%2F%2Fevil.example",
    ] {
        let page = browser.open(&format!("{asked}{evil}")).await;
        assert_eq!((page.status, page.header("location")), (400, ""), "{evil}");
        assert!(!page.body.contains("evil.example"));
    }
    let good = format!("{asked}https%3A%2F%2Fapp.example%2Fbye%3Fx%3D1");
    let page = browser.open(&good).await;
    assert!(page.body.contains("Demo web application"));
    let done = browser.submit(&page, &[], Some("logout")).await;
    assert_eq!(done.status, 303);
    assert_eq!(
        done.header("location"),
        "https://app.example/bye?x=1&state=a%26b"
    );
    // Nobody is logged in any more: there is nothing to ask.
    let again = browser.get(&good).await;
    assert_eq!(again.status, 303);
}

#[tokio::test]
async fn a_logout_by_another_site_or_without_the_token_is_refused() {
    let issuer = Issuer::demo();
    let (mut browser, _) = logged_in(&issuer, "openid").await;
    let page = browser.open("/logout").await;
    let forged = [("csrf", "x")];
    assert_eq!(
        browser.submit(&page, &forged, Some("logout")).await.status,
        403
    );
    browser
        .headers
        .push(("sec-fetch-site", "cross-site".to_owned()));
    assert_eq!(browser.submit(&page, &[], Some("logout")).await.status, 403);
    // A client may have its user's browser post a request; that asks, like one in the query.
    let fields = [("client_id".to_owned(), "web".to_owned())];
    let posted = browser.post("/logout", &fields).await;
    assert_eq!(
        (posted.status, posted.header("location")),
        (303, "logout?client_id=web")
    );
    browser.headers.clear();
    assert!(is_logged_in(&mut browser).await);
}
