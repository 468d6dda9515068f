//! Forms that are sent twice: a second click while the first is on its way, and the back button.

use std::collections::BTreeMap;

use axum::http::Request;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::ALICE;
use super::browser::*;

/// Another tab of the same browser, as far as it has got.
fn twin<'a>(issuer: &'a Issuer, browser: &Browser<'_>) -> Browser<'a> {
    let mut twin = Browser::new(issuer);
    twin.cookies = browser.cookies.clone();
    twin
}

/// How many rows each table of the store has.
fn rows(issuer: &Issuer) -> BTreeMap<String, usize> {
    let mut rows = BTreeMap::new();
    for (key, _) in issuer.store.all_rows() {
        let table = key.split(|byte| *byte == b'/').next().unwrap();
        let table = String::from_utf8_lossy(table).into_owned();
        *rows.entry(table).or_default() += 1;
    }
    rows
}

async fn post(issuer: &Issuer, form: &[(&str, &str)]) -> Value {
    let client = [("client_id", "web"), ("client_secret", "web-secret")];
    let mut body = Serializer::new(String::new());
    let body = body.extend_pairs(form).extend_pairs(client).finish();
    let request = Request::post("/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into());
    serde_json::from_str(&issuer.ask(request.unwrap()).await.body).unwrap()
}

async fn refreshed(issuer: &Issuer, tokens: &Value) -> Value {
    let token = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    post(issuer, &form).await
}

/// What a request that is made twice gets: a code each time, as a page that is opened twice would.
/// Nothing else is there twice, each code is good once, and one that is stolen from a history takes
/// nothing but its own with it.
#[tokio::test]
async fn a_yes_that_is_sent_twice_at_once_is_remembered_once_and_each_code_is_good_once() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "api:read", &[])).await;
    let page = browser.log_in(&login, ALICE).await;
    let before = rows(&issuer);
    let mut other = twin(&issuer, &browser);
    let (first, second) = tokio::join!(
        browser.submit(&page, &[], Some("allow")),
        other.submit(&page, &[], Some("allow"))
    );
    let mut after = rows(&issuer);
    assert_eq!(after.remove("codes"), Some(2));
    assert_eq!(after.remove("consents"), Some(1));
    assert_eq!(after, before, "and nothing else");

    let mut granted = Vec::new();
    for answer in [&first, &second] {
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(answer.answer()["state"], "some state");
        let code = &answer.answer()["code"];
        let tokens = redeem(&issuer, "web", code).await;
        assert_eq!(tokens["scope"], "api:read");
        granted.push(tokens);
    }
    let code = &first.answer()["code"];
    assert_ne!(code, &second.answer()["code"]);
    let again = redeem(&issuer, "web", code).await;
    assert_eq!(again["error"], "invalid_grant");
    let ended = refreshed(&issuer, &granted[0]).await;
    assert_eq!(ended["error"], "invalid_grant", "what came of it ended");
    let other = refreshed(&issuer, &granted[1]).await;
    assert_eq!(other["scope"], "api:read", "{other}");
}

#[tokio::test]
async fn a_pushed_request_is_answered_once_however_often_the_form_is_sent() {
    let issuer = Issuer::demo();
    let path = request("web", "api:read", &[]);
    let form = format!(
        "{}&client_secret=web-secret",
        path.split_once('?').unwrap().1
    );
    let pushed = Request::post("/par")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into());
    let pushed = issuer.ask(pushed.unwrap()).await;
    let pushed: Value = serde_json::from_str(&pushed.body).unwrap();
    let reference = pushed["request_uri"].as_str().unwrap();
    let query = Serializer::new("client_id=web".to_owned())
        .append_pair("request_uri", reference)
        .finish();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&format!("/authorize?{query}")).await;
    let page = browser.log_in(&login, ALICE).await;
    let mut other = twin(&issuer, &browser);
    let (first, second) = tokio::join!(
        browser.submit(&page, &[], Some("allow")),
        other.submit(&page, &[], Some("allow"))
    );
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400], "{first:?} {second:?}");
    let refused = if first.status == 400 { first } else { second };
    assert_eq!(refused.header("location"), "");
    assert_eq!(rows(&issuer)["codes"], 1);
}

#[tokio::test]
async fn a_login_that_is_sent_twice_leads_on_both_times_and_one_after_the_other_leaves_one_session()
{
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "api:read", &[])).await;
    let filled = [("username", ALICE.0), ("password", ALICE.1)];
    for _ in 0..2 {
        let answer = browser.submit(&login, &filled, None).await;
        assert_eq!(answer.status, 303);
        let page = browser.follow(answer).await;
        assert!(page.url.starts_with("/consent?"), "{}", page.url);
        assert_eq!(rows(&issuer)["sessions"], 1);
    }
    // At once, neither knows of the other: whichever answer the browser keeps works.
    let mut other = twin(&issuer, &browser);
    let (first, second) = tokio::join!(
        browser.submit(&login, &filled, None),
        other.submit(&login, &filled, None)
    );
    for (browser, answer) in [(&mut browser, first), (&mut other, second)] {
        let mut back = browser.follow(answer).await;
        // What the first has agreed to the other is not asked for.
        if back.status == 200 {
            assert!(back.url.starts_with("/consent?"), "{}", back.url);
            back = browser.submit(&back, &[], Some("allow")).await;
        }
        assert!(back.answer().contains_key("code"), "{}", back.body);
    }
}

#[tokio::test]
async fn a_logout_that_is_sent_twice_is_no_error() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open("/account").await;
    browser.log_in(&login, ALICE).await;
    let page = browser.open("/logout").await;
    let mut other = twin(&issuer, &browser);
    let (first, second) = tokio::join!(
        browser.submit(&page, &[], Some("logout")),
        other.submit(&page, &[], Some("logout"))
    );
    for answer in [first, second] {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains("signed out"), "{}", answer.body);
    }
    assert_eq!(rows(&issuer).get("sessions"), None);
}
