//! The account page.

use serde_json::Value;

use super::browser::*;
use super::{ALICE, BOB};
use crate::store::{AuditFilter, AuditStore as _};

async fn signed_in<'a>(issuer: &'a Issuer, user: (&str, &str)) -> (Browser<'a>, Page) {
    let mut browser = Browser::new(issuer);
    let login = browser.open("/account").await;
    assert!(login.body.contains("to see your account"), "{}", login.body);
    let page = browser.log_in(&login, user).await;
    assert!(page.url.starts_with("/account?flow="), "{}", page.url);
    (browser, page)
}

/// Presses one of the page's buttons.
async fn press(browser: &mut Browser<'_>, page: &Page, name: &str, value: &str) -> Page {
    let mut fields = page.fields();
    fields.push((name.to_owned(), value.to_owned()));
    let answer = browser.post("/account", &fields).await;
    browser.follow(answer).await
}

/// The values of the buttons of a kind, in order.
fn buttons(page: &Page, name: &str) -> Vec<String> {
    let start = format!("<button type=\"submit\" name=\"{name}\" value=\"");
    let rest = page.body.split(&start).skip(1);
    rest.map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

async fn tokens(issuer: &Issuer, browser: &mut Browser<'_>) -> Value {
    let consent = browser.open(&request("web", "openid api:read", &[])).await;
    let back = browser.submit(&consent, &[], Some("allow")).await;
    redeem(issuer, "web", &back.answer()["code"]).await
}

async fn refreshes(issuer: &Issuer, tokens: &Value) -> bool {
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
async fn who_is_not_signed_in_signs_in_and_comes_back() {
    let issuer = Issuer::demo();
    let (mut browser, page) = signed_in(&issuer, ALICE).await;
    for text in [
        "<bdi>alice</bdi>",
        "This browser",
        "Signed in just now",
        "No application has",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert_eq!(buttons(&page, "session"), [""; 0]);
    assert_eq!(buttons(&page, "others"), [""; 0]);
    // An address that is worth nothing any more is another page, not an error.
    set_clock(NOW + 3601);
    for path in [page.url.as_str(), "/account?flow=AAAA", "/account?flow="] {
        let again = browser.open(path).await;
        assert_eq!(again.status, 200, "{path}");
        assert!(again.body.contains("<bdi>alice</bdi>"));
    }
}

#[tokio::test]
async fn an_application_is_listed_in_words_and_loses_its_access() {
    let issuer = Issuer::demo();
    let (mut browser, _) = signed_in(&issuer, ALICE).await;
    let tokens = tokens(&issuer, &mut browser).await;
    set_clock(NOW + 7200);
    let page = browser.open("/account").await;
    for text in [
        "Demo web application",
        "Know that it is you",
        "Read your data",
        "Since 2 hours ago",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert_eq!(buttons(&page, "application"), ["web"]);
    let code = browser.get(&request("web", "api:read", &[])).await.answer()["code"].clone();
    let done = press(&mut browser, &page, "application", "web").await;
    assert!(done.body.contains("The access was removed. What the application has in hand stops working within 10 minutes."), "{}", done.body);
    assert!(done.body.contains("No application has access"));
    assert!(!refreshes(&issuer, &tokens).await);
    // Neither what was on its way nor what was agreed to is good any more.
    assert_eq!(
        redeem(&issuer, "web", &code).await["error"],
        "invalid_grant"
    );
    let silent = request("web", "openid api:read", &[("prompt", "none")]);
    let silent = browser.get(&silent).await;
    assert_eq!(silent.answer()["error"], "consent_required");
    // Whoever agrees again has access again.
    set_clock(NOW + 7201);
    let again = self::tokens(&issuer, &mut browser).await;
    assert!(refreshes(&issuer, &again).await);
}

#[tokio::test]
async fn another_browser_is_signed_out_and_this_one_is_not() {
    let issuer = Issuer::demo();
    let (mut other, _) = signed_in(&issuer, ALICE).await;
    let tokens = tokens(&issuer, &mut other).await;
    let (mut third, _) = signed_in(&issuer, ALICE).await;
    let (mut bob, of_bob) = signed_in(&issuer, BOB).await;
    assert_eq!(buttons(&of_bob, "session"), [""; 0]);
    set_clock(NOW + 60);
    let (mut browser, page) = signed_in(&issuer, ALICE).await;
    let sessions = buttons(&page, "session");
    assert_eq!(sessions.len(), 2);
    let done = press(&mut browser, &page, "session", &sessions[0]).await;
    assert!(done.body.contains("That browser is signed out."));
    assert_eq!(buttons(&done, "session").len(), 1);
    let done = press(&mut browser, &done, "others", "all").await;
    assert!(done.body.contains("All other browsers are signed out."));
    assert_eq!(buttons(&done, "session"), [""; 0]);
    for ended in [&mut other, &mut third] {
        assert!(
            ended
                .open("/account")
                .await
                .body
                .contains("id=\"password\"")
        );
    }
    assert!(!refreshes(&issuer, &tokens).await, "as after a logout");
    assert!(bob.open("/account").await.body.contains("<bdi>bob</bdi>"));
    assert!(browser.open("/account").await.body.contains("This browser"));
}

#[tokio::test]
async fn what_a_user_ends_is_on_record() {
    let issuer = Issuer::demo();
    signed_in(&issuer, ALICE).await;
    let (mut browser, _) = signed_in(&issuer, ALICE).await;
    tokens(&issuer, &mut browser).await;
    let page = browser.open("/account").await;
    press(&mut browser, &page, "application", "web").await;
    press(&mut browser, &page, "others", "all").await;
    let all = AuditFilter {
        limit: 100,
        ..AuditFilter::default()
    };
    let entries = issuer.store.audit(&all).unwrap().entries;
    for (event, reason) in [
        ("consent_revoked", None),
        ("grant_revoked", Some("user")),
        ("session_revoked", Some("user")),
    ] {
        let mut of_kind = entries.iter().filter(|entry| entry.stored.event == event);
        let entry = of_kind.next().unwrap_or_else(|| panic!("no {event}"));
        assert_eq!(entry.stored.fact("reason"), reason, "{event}");
        assert_eq!(
            entry.stored.fact("subject"),
            Some("user-4cmzq8xg2v"),
            "{event}"
        );
        assert!(of_kind.next().is_none(), "{event} twice");
    }
}

#[tokio::test]
async fn a_form_of_elsewhere_or_of_another_user_ends_nothing() {
    let issuer = Issuer::demo();
    let (mut browser, page) = signed_in(&issuer, ALICE).await;
    tokens(&issuer, &mut browser).await;
    let (mut bob, of_bob) = signed_in(&issuer, BOB).await;
    let mut fields = page.fields();
    fields.push(("application".to_owned(), "web".to_owned()));
    // Another browser's form, a form without its token, one of another page, one of another site.
    assert_eq!(bob.post("/account", &fields).await.status, 403);
    let mut without = fields.clone();
    without.retain(|(name, _)| name != "csrf");
    assert_eq!(browser.post("/account", &without).await.status, 403);
    let logout = browser.open("/logout").await;
    let mut of_logout = logout.fields();
    of_logout.push(("application".to_owned(), "web".to_owned()));
    assert_eq!(browser.post("/account", &of_logout).await.status, 403);
    browser
        .headers
        .push(("sec-fetch-site", "cross-site".to_owned()));
    assert_eq!(browser.post("/account", &fields).await.status, 403);
    browser.headers.clear();
    // Nor does a session id of another user's end anything.
    let own = bob.open("/account").await;
    drop(of_bob);
    let done = press(&mut bob, &own, "session", "AAAAAAAAAAAAAAAAAAAAAA").await;
    assert_eq!(done.status, 200);
    let kept = browser.open("/account").await;
    assert_eq!(buttons(&kept, "application"), ["web"]);
    // What is asked for by GET changes nothing (W04).
    browser.open("/account?application=web&others=all").await;
    assert_eq!(
        buttons(&browser.open("/account").await, "application"),
        ["web"]
    );
}

#[tokio::test]
async fn a_button_pressed_twice_or_for_what_is_not_there_is_no_error() {
    let issuer = Issuer::demo();
    let (mut browser, page) = signed_in(&issuer, ALICE).await;
    for (name, value) in [
        ("application", "web"),
        ("application", "web"),
        ("application", "no-such-client"),
        ("session", "AAAAAAAAAAAAAAAAAAAAAA"),
        ("session", "?"),
        ("others", "all"),
        ("nothing", "x"),
    ] {
        let done = press(&mut browser, &page, name, value).await;
        assert_eq!(done.status, 200, "{name}={value}");
        assert!(done.body.contains("This browser"), "{name}={value}");
    }
}

#[tokio::test]
async fn more_sessions_than_fit_are_shown_when_asked_for() {
    let issuer = Issuer::demo();
    // The first of them all is this browser's.
    let (mut browser, _) = signed_in(&issuer, ALICE).await;
    for _ in 0..21 {
        signed_in(&issuer, ALICE).await;
    }
    for (path, others) in [("/account", 19), ("/account?all=1", 21)] {
        let page = browser.open(path).await;
        let sessions = page.body.split("id=\"sessions\"").nth(1).unwrap();
        let entries: Vec<&str> = sessions.split("<h3").skip(1).collect();
        assert_eq!(entries.len(), others + 1, "{path}");
        for (place, entry) in entries.iter().enumerate() {
            assert_eq!(
                entry.contains("This browser"),
                place == 0,
                "{path}: {entry}"
            );
        }
        assert_eq!(buttons(&page, "session").len(), others, "{path}");
        assert_eq!(buttons(&page, "others").len(), 1, "{path}");
        let has_more = page.body.contains("account?all=1");
        assert_eq!(has_more, path == "/account");
    }
}
