//! The whole way from the request to the tokens.

use super::browser::*;
use super::{ALICE, BOB};

#[tokio::test]
async fn a_login_and_a_yes_become_a_code_and_the_code_tokens() {
    for client in ["web", "spa"] {
        let issuer = Issuer::demo();
        let mut browser = Browser::new(&issuer);
        let login = browser.open(&request(client, "openid api:read", &[])).await;
        assert_eq!(login.status, 200);
        assert!(login.body.contains("Demo "), "{}", login.body);
        let consent = browser.log_in(&login, ALICE).await;
        assert!(consent.url.starts_with("/consent?flow="), "{}", consent.url);
        let back = browser.submit(&consent, &[], Some("allow")).await;
        assert_eq!(back.status, 303);
        let answer = back.answer();
        assert_eq!(answer["state"], "some state");
        assert_eq!(answer["iss"], "http://localhost:8080");
        let tokens = redeem(&issuer, client, &answer["code"]).await;
        assert_eq!(tokens["scope"], "openid api:read");
        assert!(tokens["id_token"].is_string() && tokens["refresh_token"].is_string());
    }
}

#[tokio::test]
async fn a_consent_that_is_remembered_goes_straight_back() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "api:read", &[])).await;
    let consent = browser.log_in(&login, ALICE).await;
    browser.submit(&consent, &[], Some("allow")).await;
    let again = browser.get(&request("web", "api:read", &[])).await;
    assert!(
        again.answer().contains_key("code"),
        "{}",
        again.header("location")
    );
    // Straight from the login page too.
    browser.cookies.retain(|name, _| name != "dockgate-session");
    let login = browser.open(&request("web", "api:read", &[])).await;
    let back = browser.log_in(&login, ALICE).await;
    assert!(back.answer().contains_key("code"));
}

#[tokio::test]
async fn a_request_that_is_posted_is_answered_as_one_in_the_query() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let path = request("web", "api:read", &[("state", "\u{e9}&=\0 x")]);
    let query = path.split_once('?').unwrap().1;
    let fields: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    browser
        .headers
        .push(("origin", "https://app.example".to_owned()));
    let posted = browser.post("/authorize", &fields).await;
    assert_eq!(posted.status, 303);
    assert_eq!(
        posted.headers("set-cookie"),
        [""; 0],
        "no cookie came, so none is replaced"
    );
    let login = browser.follow(posted).await;
    assert!(login.url.starts_with("/login?flow="), "{}", login.url);
    browser.headers.clear();
    let consent = browser.log_in(&login, ALICE).await;
    let back = browser.submit(&consent, &[], Some("allow")).await;
    assert_eq!(back.answer()["state"], "\u{e9}&=\0 x");
}

#[tokio::test]
async fn what_is_too_long_or_broken_is_refused_with_a_page() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let long = "x".repeat(17 * 1024);
    let fields = [("state".to_owned(), long.clone())];
    assert_eq!(
        browser
            .get(&format!("/authorize?state={long}"))
            .await
            .status,
        414
    );
    assert_eq!(
        browser.get(&format!("/logout?state={long}")).await.status,
        414
    );
    assert_eq!(browser.post("/authorize", &fields).await.status, 413);
    for query in ["state=%ff", "state=a&state=b", "client_id=nobody", ""] {
        let page = browser.get(&format!("/authorize?{query}")).await;
        assert_eq!((page.status, page.header("location")), (400, ""), "{query}");
        assert!(page.header("content-type").starts_with("text/html"));
    }
}

#[tokio::test]
async fn an_issuer_with_a_path_has_its_pages_below_it() {
    let issuer = Issuer::at("https://as.example/auth", |_| {});
    let mut browser = Browser::new(&issuer);
    let login = browser
        .open(&format!("/auth{}", request("web", "api:read", &[])))
        .await;
    assert!(login.url.starts_with("/auth/login?flow="), "{}", login.url);
    let consent = browser.log_in(&login, ALICE).await;
    assert!(
        consent.url.starts_with("/auth/consent?flow="),
        "{}",
        consent.url
    );
    let back = browser.submit(&consent, &[], Some("allow")).await;
    assert_eq!(back.answer()["iss"], "https://as.example/auth");
    assert!(redeem(&issuer, "web", &back.answer()["code"]).await["access_token"].is_string());
}

#[tokio::test]
async fn two_tabs_do_not_disturb_each_other() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let first = browser
        .open(&request("web", "api:read", &[("state", "first")]))
        .await;
    let second = browser
        .open(&request("spa", "api:read", &[("state", "second")]))
        .await;
    // Both have their login page open when one of them logs in.
    let second = browser.log_in(&second, ALICE).await;
    let first = browser.log_in(&first, ALICE).await;
    let first = browser.submit(&first, &[], Some("allow")).await;
    assert_eq!(first.answer()["state"], "first");
    assert!(
        first
            .header("location")
            .starts_with("http://localhost:3000/")
    );
    // The other tab's page was shown to the login before, but to the same user.
    let second = browser.submit(&second, &[], Some("allow")).await;
    assert_eq!(second.answer()["state"], "second");
}

#[tokio::test]
async fn tabs_opened_at_the_same_moment_in_a_new_browser_all_work() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let mut begun = Vec::new();
    let states: Vec<String> = (0..10).map(|tab| tab.to_string()).collect();
    for state in &states {
        // None of the requests has the cookie of another's answer yet.
        let mut tab = Browser::new(&issuer);
        let path = request("web", "api:read", &[("state", state)]);
        begun.push(tab.get(&path).await);
        browser.cookies.append(&mut tab.cookies);
    }
    for (page, state) in begun.into_iter().zip(&states) {
        let login = browser.follow(page).await;
        assert_eq!(login.status, 200, "{state}: {}", login.body);
        let consent = browser.log_in(&login, ALICE).await;
        let mut back = consent;
        if back.status == 200 {
            back = browser.submit(&back, &[], Some("allow")).await;
        }
        assert_eq!(back.answer()["state"], *state);
        assert!(back.answer().contains_key("code"));
    }
    // From then on the browser has names enough.
    let later = browser.get(&request("web", "api:read", &[])).await;
    assert_eq!(later.headers("set-cookie"), [""; 0]);
}

#[tokio::test]
async fn the_back_button_and_a_second_click_work() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "api:read", &[])).await;
    let consent = browser.log_in(&login, ALICE).await;
    let first = browser.submit(&consent, &[], Some("allow")).await;
    let second = browser.submit(&consent, &[], Some("allow")).await;
    assert_ne!(first.answer()["code"], second.answer()["code"]);
    // Back to the login page: somebody else may log in there.
    let login = browser.open(&login.url).await;
    assert!(
        login
            .body
            .contains("You are signed in as <strong><bdi>alice</bdi></strong>")
    );
    let consent = browser.log_in(&login, BOB).await;
    assert!(consent.body.contains("<bdi>bob</bdi>"), "{}", consent.body);
}

#[tokio::test]
async fn an_answer_can_go_by_form_post() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let state = "\"><script>alert(1)</script>";
    let mode = [("response_mode", "form_post"), ("state", state)];
    let login = browser.open(&request("web", "api:read", &mode)).await;
    let consent = browser.log_in(&login, ALICE).await;
    let page = browser.submit(&consent, &[], Some("allow")).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.action(), "http://localhost:3000/callback");
    assert_eq!(page.field("state"), state);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert!(page.body.contains("<button"), "works without the script");
    assert!(
        page.header("content-security-policy")
            .contains("script-src 'sha256-")
    );
    let tokens = redeem(&issuer, "web", &page.field("code")).await;
    assert!(tokens["access_token"].is_string());
}

#[tokio::test]
async fn a_fresh_login_can_be_demanded_and_ends_the_asking() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "api:read", &[])).await;
    let consent = browser.log_in(&login, ALICE).await;
    browser.submit(&consent, &[], Some("allow")).await;
    for (name, value) in [("prompt", "login"), ("max_age", "0")] {
        let login = browser
            .open(&request("web", "api:read", &[(name, value)]))
            .await;
        assert!(login.url.starts_with("/login?"), "{name}: {}", login.url);
        let back = browser.log_in(&login, ALICE).await;
        assert!(back.answer().contains_key("code"), "{name}");
    }
    let silent = browser
        .get(&request("web", "api:read", &[("prompt", "none")]))
        .await;
    assert!(silent.answer().contains_key("code"));
}
