//! The language of the pages.

use super::ALICE;
use super::browser::*;

fn reading<'a>(issuer: &'a Issuer, languages: &str) -> Browser<'a> {
    let mut browser = Browser::new(issuer);
    browser
        .headers
        .push(("accept-language", languages.to_owned()));
    browser
}

#[tokio::test]
async fn every_page_is_in_the_language_that_the_browser_asks_for() {
    let issuer = Issuer::demo();
    for (languages, tag, sign_in, allow) in [
        ("en-GB", "en", "Sign in", "Allow access?"),
        (
            "de-AT,de;q=0.9,en;q=0.5",
            "de",
            "Anmelden",
            "Zugriff erlauben?",
        ),
        ("fr", "fr", "Se connecter", "Autoriser l’accès"),
        (
            "es-MX, en;q=0.1",
            "es",
            "Iniciar sesión",
            "¿Permitir el acceso?",
        ),
        ("nl", "en", "Sign in", "Allow access?"),
    ] {
        let mut browser = reading(&issuer, languages);
        let ask = request("web", "openid api:read", &[("prompt", "consent")]);
        let login = browser.open(&ask).await;
        let consent = browser.log_in(&login, ALICE).await;
        let error = browser.get("/login?flow=AAAA").await;
        for (page, text) in [(&login, sign_in), (&consent, allow), (&error, "")] {
            let start = format!("<!DOCTYPE html>\n<html lang=\"{tag}\">");
            assert!(page.body.starts_with(&start), "{languages}: {}", page.body);
            assert!(page.body.contains(text), "{languages}: {}", page.body);
            assert_eq!(page.header("vary"), "Accept-Language");
        }
    }
}

#[tokio::test]
async fn a_clients_wish_comes_first_and_stays_on_every_step() {
    let issuer = Issuer::demo();
    let mut browser = reading(&issuer, "de");
    let wish = [("ui_locales", "nl fr-CA"), ("prompt", "consent")];
    let login = browser.open(&request("web", "api:read", &wish)).await;
    assert!(login.body.contains("lang=\"fr\""), "{}", login.body);
    let filled = [("username", "alice"), ("password", "no")];
    let wrong = browser.submit(&login, &filled, None).await;
    let wrong = browser.follow(wrong).await;
    assert!(wrong.body.contains("le mot de passe est incorrect"));
    let consent = browser.log_in(&wrong, ALICE).await;
    assert!(consent.body.contains("Autoriser"), "{}", consent.body);
    let logout = browser.open("/logout?ui_locales=es").await;
    assert!(logout.body.contains("¿Cerrar la sesión?"));
    let done = browser.submit(&logout, &[], Some("logout")).await;
    assert!(done.body.contains("Has cerrado la sesión"), "{}", done.body);
    let unknown = browser.get("/authorize?client_id=x&ui_locales=fr").await;
    assert!(
        unknown.body.contains("Cette application"),
        "{}",
        unknown.body
    );
}

#[tokio::test]
async fn who_reads_none_of_ours_gets_the_operators_language_and_scopes_are_translated() {
    let issuer = Issuer::at("http://localhost:8080", |app| {
        let input = crate::pages::BrandInput {
            language: crate::protocol::Language::German,
            ..Default::default()
        };
        app.brand = std::sync::Arc::new(crate::pages::Brand::new(input));
    });
    let mut browser = reading(&issuer, "nl");
    let login = browser.open(&request("web", "api:read", &[])).await;
    let consent = browser.log_in(&login, ALICE).await;
    assert!(
        consent.body.contains("Ihre Daten lesen"),
        "{}",
        consent.body
    );
    let mut browser = reading(&issuer, "en");
    let login = browser.open(&request("web", "api:read", &[])).await;
    let consent = browser.log_in(&login, ALICE).await;
    assert!(consent.body.contains("Read your data"), "{}", consent.body);
}
