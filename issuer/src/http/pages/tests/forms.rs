//! Forms and flows that are not this browser's.

use super::ALICE;
use super::browser::*;

/// A browser on its login page.
async fn on_login(issuer: &Issuer) -> (Browser<'_>, Page) {
    let mut browser = Browser::new(issuer);
    let page = browser.open(&request("web", "api:read", &[])).await;
    (browser, page)
}

const FILLED: [(&str, &str); 2] = [("username", ALICE.0), ("password", ALICE.1)];

#[tokio::test]
async fn a_login_without_the_token_of_its_page_is_refused() {
    let issuer = Issuer::demo();
    let (mut browser, page) = on_login(&issuer).await;
    let (mut other, other_page) = on_login(&issuer).await;
    let second = browser.open(&request("web", "api:read", &[])).await;
    let consent = browser.log_in(&second, ALICE).await;
    browser.cookies.remove("dockgate-session");
    for token in [
        "",
        "x",
        &other_page.field("csrf"),
        &second.field("csrf"),
        &consent.field("csrf"),
    ] {
        let filled = [FILLED[0], FILLED[1], ("csrf", token)];
        let refused = browser.submit(&page, &filled, None).await;
        assert_eq!(refused.status, 403, "{token}");
        assert_eq!(refused.headers("set-cookie"), [""; 0]);
    }
    // The page's own token is still good.
    assert_eq!(browser.submit(&page, &FILLED, None).await.status, 303);
    assert_eq!(other.submit(&other_page, &FILLED, None).await.status, 303);
}

#[tokio::test]
async fn a_flow_of_another_browser_is_refused_at_every_step() {
    let issuer = Issuer::demo();
    let (mut attacker, login) = on_login(&issuer).await;
    let consent = attacker.log_in(&login, ALICE).await;
    let mut victim = Browser::new(&issuer);
    for page in [&login, &consent] {
        let opened = victim.open(&page.url).await;
        assert_eq!((opened.status, opened.header("location")), (403, ""));
        assert!(opened.body.contains("another browser"), "{}", opened.body);
        let posted = victim.submit(page, &FILLED, Some("allow")).await;
        assert_eq!(posted.status, 403);
    }
    // Nor with a session and a name of its own.
    let (mut victim, own) = on_login(&issuer).await;
    victim.log_in(&own, ALICE).await;
    assert_eq!(victim.open(&consent.url).await.status, 403);
    assert_eq!(
        victim.submit(&consent, &[], Some("allow")).await.status,
        403
    );
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_by_what_the_browser_says() {
    let issuer = Issuer::demo();
    let (mut browser, page) = on_login(&issuer).await;
    for (name, value, status) in [
        ("origin", "https://evil.example", 403),
        ("origin", "http://127.0.0.1:8080", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "null", 303),
        ("sec-fetch-site", "same-origin", 303),
        ("origin", "http://localhost:8080", 303),
    ] {
        browser.headers = vec![(name, value.to_owned())];
        let answer = browser.submit(&page, &FILLED, None).await;
        assert_eq!(answer.status, status, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_flow_is_good_for_an_hour() {
    let issuer = Issuer::demo();
    let (mut browser, page) = on_login(&issuer).await;
    set_clock(NOW + 3600);
    assert_eq!(browser.open(&page.url).await.status, 200);
    set_clock(NOW + 3601);
    let late = browser.open(&page.url).await;
    assert_eq!(late.status, 400);
    assert!(late.body.contains("took too long"));
    assert_eq!(browser.submit(&page, &FILLED, None).await.status, 400);
}

#[tokio::test]
async fn what_is_no_flow_is_refused() {
    let issuer = Issuer::demo();
    let (mut browser, page) = on_login(&issuer).await;
    let flow = flow_of(&page);
    let cut = flow.split_at(1).1;
    let changed = format!("{}{cut}", if flow.starts_with('A') { 'B' } else { 'A' });
    for path in ["login", "consent"] {
        for flow in ["", "x", &changed, cut, &format!("{flow}AAAA")] {
            let page = browser.open(&format!("/{path}?flow={flow}")).await;
            assert_eq!(
                (page.status, page.header("location")),
                (400, ""),
                "{path} {flow}"
            );
        }
    }
    // A flow of one kind is none of another.
    let elsewhere = browser.open(&format!("/device?flow={flow}")).await;
    assert_eq!(elsewhere.status, 400);
    let device = browser.open("/device").await;
    let consent = format!("/consent?flow={}", flow_of(&device));
    assert_eq!(browser.open(&consent).await.status, 400);
}

#[tokio::test]
async fn a_consent_is_not_given_by_opening_an_address() {
    let issuer = Issuer::demo();
    let (mut browser, page) = on_login(&issuer).await;
    let consent = browser.log_in(&page, ALICE).await;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query
        .extend_pairs(consent.fields())
        .append_pair("decision", "allow");
    let shown = browser.open(&format!("/consent?{}", query.finish())).await;
    assert_ne!(shown.status, 303);
    let silent = browser
        .get(&request("web", "api:read", &[("prompt", "none")]))
        .await;
    assert_eq!(silent.answer()["error"], "consent_required");
}

#[tokio::test]
async fn a_page_shown_to_one_account_is_not_answered_by_another() {
    let issuer = Issuer::demo();
    let (mut browser, page) = on_login(&issuer).await;
    let consent = browser.log_in(&page, ALICE).await;
    let login = browser.open(&page.url).await;
    browser.log_in(&login, super::BOB).await;
    let refused = browser.submit(&consent, &[], Some("allow")).await;
    assert_eq!((refused.status, refused.header("location")), (403, ""));
}
