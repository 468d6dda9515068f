//! Logging in, and failing to.

use super::ALICE;
use super::browser::*;
use crate::http::App;

async fn attempt(browser: &mut Browser<'_>, page: &Page, user: &str, password: &str) -> Page {
    let filled = [("username", user), ("password", password)];
    let page = browser.submit(page, &filled, None).await;
    // Only the page where one logs in says what was wrong.
    match page.header("location").starts_with("login?") {
        true => browser.follow(page).await,
        false => page,
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_page() {
    let issuer = Issuer::demo();
    let mut pages = Vec::new();
    for (user, password) in [("alice", "wrong"), ("mallory", "wonderland"), ("alice", "")] {
        let mut browser = Browser::new(&issuer);
        let login = browser.open(&request("web", "api:read", &[])).await;
        let page = attempt(&mut browser, &login, user, password).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains("role=\"alert\""));
        assert_eq!(
            (
                page.field("username").as_str(),
                page.field("password").as_str()
            ),
            (user, "")
        );
        assert!(!browser.cookies.contains_key("dockgate-session"));
        // The form is good for another attempt.
        let again = attempt(&mut browser, &page, "alice", "wonderland").await;
        assert_eq!(again.status, 303);
        let secrets = [page.field("flow"), page.field("csrf"), user.to_owned()];
        let body = secrets
            .iter()
            .fold(page.body.clone(), |body, secret| body.replace(secret, "_"));
        pages.push(body);
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:#?}");
}

#[tokio::test]
async fn no_page_of_the_history_is_one_that_was_posted() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "api:read", &[])).await;
    let wrong = [("username", "alice"), ("password", "wrong")];
    let answer = browser.submit(&login, &wrong, None).await;
    assert_eq!(answer.status, 303);
    let page = browser.follow(answer).await;
    assert_eq!(
        (page.status, page.field("username").as_str()),
        (422, "alice")
    );
    // Once the password was right, nothing says any more that it was wrong.
    let consent = browser.log_in(&page, ALICE).await;
    let (_, link) = consent.body.split_once("href=\"login?flow=").unwrap();
    let (flow, _) = link.split_once('"').unwrap();
    let another = browser.open(&format!("/login?flow={flow}")).await;
    assert_eq!(another.status, 200);
    assert!(!another.body.contains("role=\"alert\""), "{}", another.body);
    // Not even the page that said it, nor what was typed.
    let back = browser.open(&page.url).await;
    assert!(!back.body.contains("role=\"alert\""), "{}", back.body);
    assert_eq!(back.field("username"), "");
}

#[tokio::test]
async fn a_login_makes_a_new_cookie_and_ends_the_session_before() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    // Somebody has put a value of their own into the browser.
    let planted = "A".repeat(43);
    browser
        .cookies
        .insert("dockgate-session".to_owned(), planted.clone());
    let login = browser.open(&request("web", "api:read", &[])).await;
    browser.log_in(&login, ALICE).await;
    let first = browser.cookies["dockgate-session"].clone();
    assert_ne!(first, planted);
    assert_eq!(first.len(), 43, "256 bits");
    let login = browser
        .open(&request("web", "api:read", &[("prompt", "login")]))
        .await;
    browser.log_in(&login, ALICE).await;
    assert_ne!(browser.cookies["dockgate-session"], first);
    browser.cookies.insert("dockgate-session".to_owned(), first);
    let silent = browser
        .get(&request("web", "api:read", &[("prompt", "none")]))
        .await;
    assert_eq!(silent.answer()["error"], "login_required");
}

#[tokio::test]
async fn a_session_is_found_behind_a_cookie_that_is_none() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "api:read", &[])).await;
    browser.log_in(&login, ALICE).await;
    let cookies: Vec<_> = browser
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    browser.cookies.clear();
    let doubled = format!(
        "dockgate-session=AAAA; dockgate-browser-AAAA=AAAA; {}",
        cookies.join("; ")
    );
    browser.headers.push(("cookie", doubled));
    let consent = browser.open(&login.url.replace("/login", "/consent")).await;
    assert!(consent.body.contains("value=\"allow\""), "{}", consent.body);
}

#[tokio::test]
async fn guesses_from_one_address_are_slowed_down_and_lock_nobody_else_out() {
    let issuer = Issuer::demo();
    let from = |address: &str| {
        let mut browser = Browser::new(&issuer);
        browser
            .headers
            .push(("x-forwarded-for", format!("203.0.113.1, {address}")));
        browser
    };
    let mut attacker = from("192.0.2.1");
    let login = attacker.open(&request("web", "api:read", &[])).await;
    for n in 0..5 {
        // What anybody can invent makes no difference.
        attacker
            .headers
            .push(("x-envoy-external-address", format!("203.0.113.{n}")));
        assert_eq!(
            attempt(&mut attacker, &login, "alice", "guess")
                .await
                .status,
            422
        );
    }
    let throttled = attempt(&mut attacker, &login, "alice", "wonderland").await;
    assert_eq!(
        (throttled.status, throttled.header("retry-after")),
        (429, "5")
    );
    assert!(throttled.body.contains("Try again in 5 seconds"));
    let mut alice = from("198.51.100.7");
    let login_of_alice = alice.open(&request("web", "api:read", &[])).await;
    assert_eq!(
        attempt(&mut alice, &login_of_alice, "alice", "wonderland")
            .await
            .status,
        303
    );
    set_clock(NOW + 5);
    assert_eq!(
        attempt(&mut attacker, &login, "alice", "wonderland")
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn a_space_that_a_phone_adds_to_the_name_does_no_harm() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "api:read", &[])).await;
    assert_eq!(
        attempt(&mut browser, &login, " alice ", "wonderland")
            .await
            .status,
        303
    );
    let login = browser.open(&login.url).await;
    assert_eq!(
        attempt(&mut browser, &login, "alice", " wonderland")
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn the_hint_of_a_client_fills_in_the_name_and_nothing_else() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let long = "x".repeat(300);
    for (hint, shown) in [
        ("alice", "alice"),
        (
            "\"><script>alert(1)</script>",
            "\"><script>alert(1)</script>",
        ),
        ("a\r\nb", ""),
        ("ali\u{202e}ec", ""),
        ("alice\u{200b}", ""),
        (&long, ""),
    ] {
        let page = browser
            .open(&request("web", "api:read", &[("login_hint", hint)]))
            .await;
        assert_eq!(page.field("username"), shown);
        assert!(!page.body.contains("<script"), "{}", page.body);
    }
}

#[tokio::test]
async fn the_name_of_a_client_is_shown_harmless() {
    let named = |name: String| {
        Issuer::at("http://localhost:8080", move |app: &mut App| {
            let web = app.server.clients.get_mut(&"web".parse().unwrap()).unwrap();
            web.name = Some(name);
        })
    };
    let long = "trusted ".repeat(5000);
    let cut = format!("{}\u{2026}", long.get(..80).unwrap());
    for (name, shown) in [
        (
            "<img src=x onerror=alert(1)>",
            "&#60;img src=x onerror=alert(1)&#62;",
        ),
        ("\u{202e}knab\u{200b}", "knab"),
        ("\u{2066}Bank\u{2069}\n\n\u{2028}of us", "Bank   of us"),
        ("\u{200b}\u{2066}", "web"),
        (&long, &cut),
    ] {
        let issuer = named(name.to_owned());
        let mut browser = Browser::new(&issuer);
        let login = browser.open(&request("web", "api:read", &[])).await;
        let consent = browser.log_in(&login, ALICE).await;
        // Whatever the name, where the answer goes is there to be seen.
        assert!(consent.body.contains("<bdi>localhost:3000</bdi>"));
        browser.submit(&consent, &[], Some("allow")).await;
        let account = browser.open("/account").await;
        for page in [login, consent, account] {
            assert!(page.body.contains(shown), "{shown} {}", page.body);
            let hidden =
                |character| matches!(character, '\u{2028}' | '\u{202e}' | '\u{200b}' | '\u{2066}');
            assert!(!page.body.contains(hidden), "{name:?}: {}", page.body);
        }
    }
}
