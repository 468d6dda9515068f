//! Whoever has logged in before is not made to wait by what others try.

use super::browser::*;
use super::{ALICE, BOB};

const KNOWN: &str = "dockgate-known-";

async fn attempt(browser: &mut Browser<'_>, user: &str, password: &str) -> u16 {
    let login = browser
        .open(&request("web", "api:read", &[("prompt", "login")]))
        .await;
    let filled = [("username", user), ("password", password)];
    let page = browser.submit(&login, &filled, None).await;
    match page.header("location").starts_with("login?") {
        true => browser.follow(page).await.status,
        false => page.status,
    }
}

fn from<'a>(issuer: &'a Issuer, address: &str) -> Browser<'a> {
    let mut browser = Browser::new(issuer);
    let address = address.to_owned();
    browser.headers.push(("x-forwarded-for", address));
    browser
}

fn known(browser: &Browser<'_>) -> Vec<String> {
    let cookies = browser.cookies.iter();
    let known = cookies.filter(|(name, _)| name.starts_with(KNOWN));
    known.map(|(_, value)| value.clone()).collect()
}

#[tokio::test]
async fn an_attack_from_the_same_address_does_not_stop_a_browser_that_is_known() {
    let issuer = Issuer::demo();
    let mut alice = from(&issuer, "192.0.2.1");
    assert_eq!(attempt(&mut alice, ALICE.0, ALICE.1).await, 303);
    let mut attacker = from(&issuer, "192.0.2.1");
    for _ in 0..5 {
        assert_eq!(attempt(&mut attacker, ALICE.0, "guess").await, 422);
    }
    assert_eq!(attempt(&mut attacker, ALICE.0, ALICE.1).await, 429);
    assert_eq!(attempt(&mut alice, ALICE.0, ALICE.1).await, 303);
    // What the known browser gets wrong counts for itself, wherever it is.
    for _ in 0..5 {
        assert_eq!(attempt(&mut alice, ALICE.0, "wrong").await, 422);
    }
    alice.headers.clear();
    assert_eq!(attempt(&mut alice, ALICE.0, ALICE.1).await, 429);
}

#[tokio::test]
async fn a_browser_is_known_for_the_account_it_logged_in_to_and_no_other() {
    let issuer = Issuer::demo();
    let mut browser = from(&issuer, "192.0.2.1");
    assert_eq!(attempt(&mut browser, BOB.0, BOB.1).await, 303);
    let mut attacker = from(&issuer, "192.0.2.1");
    for _ in 0..5 {
        assert_eq!(attempt(&mut attacker, ALICE.0, "guess").await, 422);
    }
    assert_eq!(attempt(&mut browser, ALICE.0, ALICE.1).await, 429);
    assert_eq!(attempt(&mut browser, BOB.0, BOB.1).await, 303);
}

#[tokio::test]
async fn the_cookie_is_kept_renewed_and_given_once() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    assert_eq!(attempt(&mut browser, ALICE.0, ALICE.1).await, 303);
    let first = known(&browser);
    assert_eq!((first.len(), first[0].len()), (1, 54));
    assert_eq!(attempt(&mut browser, ALICE.0, ALICE.1).await, 303);
    assert_eq!(known(&browser), first);
    set_clock(NOW + 30 * 24 * 60 * 60);
    assert_eq!(attempt(&mut browser, ALICE.0, ALICE.1).await, 303);
    let renewed = known(&browser);
    assert_eq!(renewed.len(), 1);
    assert_ne!(renewed, first);
    // Beside it there is room for another account.
    assert_eq!(attempt(&mut browser, BOB.0, BOB.1).await, 303);
    assert_eq!(known(&browser).len(), 2);
}

#[tokio::test]
async fn the_attributes_are_those_of_the_other_cookies_and_it_lasts() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "api:read", &[])).await;
    let filled = [("username", ALICE.0), ("password", ALICE.1)];
    let answer = browser.submit(&login, &filled, None).await;
    let cookies = answer.headers("set-cookie");
    let cookie = cookies.iter().find(|cookie| cookie.starts_with(KNOWN));
    let (_, attributes) = cookie.unwrap().split_once(';').unwrap();
    assert_eq!(
        attributes,
        " Path=/; HttpOnly; SameSite=Lax; Max-Age=34560000"
    );
    // No wrong password gives one.
    let mut other = Browser::new(&issuer);
    attempt(&mut other, ALICE.0, "wrong").await;
    assert!(known(&other).is_empty());
}

#[tokio::test]
async fn a_cookie_that_was_changed_is_old_or_of_before_a_new_password_is_none() {
    let day = 24 * 60 * 60;
    for (what, flip, clock, logins_since) in [
        ("changed", true, NOW, 0),
        ("too old", false, NOW + 400 * day, 0),
        ("before a new password", false, NOW + day, NOW + 1),
    ] {
        let issuer = Issuer::demo();
        let mut browser = from(&issuer, "192.0.2.1");
        assert_eq!(attempt(&mut browser, ALICE.0, ALICE.1).await, 303);
        let mut cookies = browser.cookies.clone();
        cookies.retain(|name, _| name.starts_with(KNOWN));
        if flip {
            for value in cookies.values_mut() {
                let last = if value.ends_with('A') { 'B' } else { 'A' };
                value.pop();
                value.pop();
                value.push(last);
                value.push('A');
            }
        }
        let issuer = Issuer::at("http://localhost:8080", |app| {
            let users = std::mem::take(&mut app.server.users);
            let changed = users.iter().cloned().map(|mut user| {
                user.logins_since = logins_since;
                user
            });
            app.server.users = changed.collect();
        });
        set_clock(clock);
        let mut attacker = from(&issuer, "192.0.2.1");
        for _ in 0..5 {
            assert_eq!(attempt(&mut attacker, ALICE.0, "guess").await, 422);
        }
        let mut again = from(&issuer, "192.0.2.1");
        again.cookies = cookies;
        assert_eq!(attempt(&mut again, ALICE.0, ALICE.1).await, 429, "{what}");
    }
}
