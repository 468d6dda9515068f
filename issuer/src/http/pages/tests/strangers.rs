//! Where a link leads that names a client which nobody vouches for.

use super::browser::*;
use super::{ALICE, BOB};
use crate::protocol::{ApplicationType, Provenance, RedirectUri};

/// An issuer where `web` registered itself.
fn issuer() -> Issuer {
    Issuer::at("http://localhost:8080", |app| {
        let mut client = app.server.client("web").unwrap().clone();
        client.provenance = Provenance::Registration;
        let after = RedirectUri::parse("https://web.example/bye", ApplicationType::Web);
        client.post_logout_redirect_uris = vec![after.unwrap()];
        let id = client.id.clone();
        app.server.clients.remove(&id);
        app.server.clients.add(client);
    })
}

async fn logged_in<'a>(issuer: &'a Issuer, scope: &str) -> (Browser<'a>, Page) {
    let mut browser = Browser::new(issuer);
    let login = browser.open(&request("web", scope, &[])).await;
    let page = browser.log_in(&login, ALICE).await;
    (browser, page)
}

/// The target of the page's one link to elsewhere.
#[track_caller]
fn link(page: &Page) -> String {
    let (_, rest) = page
        .body
        .split_once("<a href=\"http")
        .unwrap_or_else(|| panic!("no link: {}", page.body));
    format!(
        "http{}",
        rest.split_once('"').unwrap().0.replace("&#38;", "&")
    )
}

/// Refused without a redirect, by a page that names the host.
#[track_caller]
fn stays(page: &Page) {
    assert_eq!(
        (page.status, page.header("location")),
        (400, ""),
        "{page:?}"
    );
    assert!(page.body.contains("<bdi>localhost:3000</bdi>"), "{page:?}");
    assert!(page.body.contains("Nobody here has checked"), "{page:?}");
    assert!(!page.body.contains("<script"), "nothing goes by itself");
}

#[tokio::test]
async fn an_error_waits_for_its_user_and_keeps_what_the_client_needs() {
    let issuer = issuer();
    let (mut logged_in, _) = logged_in(&issuer, "api:read").await;
    let mut fresh = Browser::new(&issuer);
    for (change, error) in [
        (("scope", "nonsense"), "invalid_scope"),
        (("prompt", "none"), "login_required"),
    ] {
        let page = fresh.open(&request("web", "api:read", &[change])).await;
        stays(&page);
        let target = link(&page);
        let expected = format!("http://localhost:3000/callback?error={error}&");
        assert!(target.starts_with(&expected), "{target}");
        assert!(target.contains("&state=some%20state&iss=http"), "{target}");
    }
    let silent = request("web", "api:read", &[("prompt", "none")]);
    let page = logged_in.open(&silent).await;
    stays(&page);
    assert!(link(&page).contains("error=consent_required"));
}

#[tokio::test]
async fn an_error_in_the_fragment_or_by_form_post_waits_as_well() {
    let issuer = issuer();
    let mut browser = Browser::new(&issuer);
    let nonsense = ("scope", "nonsense");
    let fragment = [nonsense, ("response_mode", "fragment")];
    let page = browser.open(&request("web", "", &fragment)).await;
    stays(&page);
    let target = link(&page);
    assert!(
        target.starts_with("http://localhost:3000/callback#error=invalid_scope&"),
        "{target}"
    );
    let form = [nonsense, ("response_mode", "form_post")];
    let page = browser.open(&request("web", "", &form)).await;
    stays(&page);
    assert_eq!(page.action(), "http://localhost:3000/callback");
    assert_eq!(page.field("error"), "invalid_scope");
    assert_eq!(page.field("state"), "some state");
    assert_eq!(page.field("iss"), "http://localhost:8080");
}

#[tokio::test]
async fn who_has_acted_goes_back_at_once() {
    let issuer = issuer();
    let (mut browser, consent) = logged_in(&issuer, "api:read").await;
    let no = browser.submit(&consent, &[], Some("deny")).await;
    assert_eq!(no.status, 303);
    assert_eq!(no.answer()["error"], "access_denied");
    let mut bob = Browser::new(&issuer);
    let login = bob.open(&request("web", "api:admin", &[])).await;
    let nothing_to_grant = bob.log_in(&login, BOB).await;
    assert_eq!(nothing_to_grant.answer()["error"], "access_denied");
}

#[tokio::test]
async fn a_configured_client_is_told_at_once() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let none = request("web", "api:read", &[("prompt", "none")]);
    let back = browser.open(&none).await;
    assert_eq!(back.answer()["error"], "login_required");
}

#[tokio::test]
async fn a_logout_leads_to_a_stranger_only_whose_user_was_asked_or_is_known_to_it() {
    let issuer = issuer();
    let path = |more: &str| {
        let uri = "post_logout_redirect_uri=https://web.example/bye";
        format!("/logout?client_id=web&{uri}&state=x{more}")
    };
    let mut nobody = Browser::new(&issuer);
    let page = nobody.open(&path("")).await;
    assert_eq!((page.status, page.header("location")), (200, ""));
    assert!(page.body.contains("<bdi>web.example</bdi>"), "{page:?}");
    assert_eq!(link(&page), "https://web.example/bye?state=x");

    let (mut browser, consent) = logged_in(&issuer, "openid").await;
    let back = browser.submit(&consent, &[], Some("allow")).await;
    let tokens = redeem(&issuer, "web", &back.answer()["code"]).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let hinted = path(&format!("&id_token_hint={hint}"));
    let gone = browser.open(&hinted).await;
    assert_eq!(gone.header("location"), "https://web.example/bye?state=x");
    // Anybody may have an ID token of their own, and there is no session that it would be of.
    let again = browser.open(&hinted).await;
    assert_eq!((again.status, again.header("location")), (200, ""));

    let (mut browser, _) = logged_in(&issuer, "openid").await;
    let asked = browser.open(&path("")).await;
    let gone = browser.submit(&asked, &[], Some("logout")).await;
    assert_eq!(gone.header("location"), "https://web.example/bye?state=x");
}
