//! What holds for each form that changes anything.

use super::ALICE;
use super::browser::*;

/// A browser on a page with a form, and what is filled in to send it.
struct OnForm<'a> {
    name: &'static str,
    browser: Browser<'a>,
    page: Page,
    filled: Vec<(&'static str, String)>,
}

async fn signed_in<'a>(issuer: &'a Issuer, path: &str) -> (Browser<'a>, Page) {
    let mut browser = Browser::new(issuer);
    let login = browser.open(path).await;
    let page = browser.log_in(&login, ALICE).await;
    (browser, page)
}

/// Each form, in a browser of its own.
async fn forms(issuer: &Issuer) -> Vec<OnForm<'_>> {
    let authorize = request("web", "api:read", &[]);
    let mut forms = Vec::new();
    let mut add = |name, (browser, page), filled: &[(&'static str, &str)]| {
        let filled = filled.iter();
        let filled = filled.map(|(name, value)| (*name, (*value).to_owned()));
        forms.push(OnForm {
            name,
            browser,
            page,
            filled: filled.collect(),
        });
    };
    let mut browser = Browser::new(issuer);
    let login = browser.open(&authorize).await;
    let filled = [("username", ALICE.0), ("password", ALICE.1)];
    add("login", (browser, login), &filled);
    let consent = signed_in(issuer, &authorize).await;
    add("consent", consent, &[("decision", "allow")]);

    let begin = axum::http::Request::post("/device_authorization")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("client_id=tv&scope=api:read".into());
    let begun = issuer.ask(begin.unwrap()).await;
    let begun: serde_json::Value = serde_json::from_str(&begun.body).unwrap();
    let code = begun["user_code"].as_str().unwrap();
    let typing = signed_in(issuer, "/device").await;
    add("device code", typing, &[("user_code", code)]);
    let (mut browser, typing) = signed_in(issuer, "/device").await;
    let typed = browser.submit(&typing, &[("user_code", code)], None).await;
    let confirm = browser.follow(typed).await;
    add("device", (browser, confirm), &[("decision", "allow")]);

    let account = signed_in(issuer, "/account").await;
    add("account", account, &[("others", "all")]);
    let (mut browser, _) = signed_in(issuer, "/account").await;
    let logout = browser.open("/logout").await;
    add("logout", (browser, logout), &[("decision", "logout")]);
    forms
}

#[tokio::test]
async fn it_is_good_with_its_own_token_and_from_its_own_site_alone() {
    let issuer = Issuer::demo();
    let mut forms = forms(&issuer).await;
    let tokens: Vec<String> = forms.iter().map(|form| form.page.field("csrf")).collect();
    for (index, form) in forms.iter_mut().enumerate() {
        let name = form.name;
        let mut foreign = tokens.clone();
        let own = foreign.remove(index);
        foreign.extend([String::new(), "x".to_owned(), format!("{own}A")]);
        let filled: Vec<(&str, &str)> = form
            .filled
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        for token in &foreign {
            let with = [filled.as_slice(), &[("csrf", token)]].concat();
            let refused = form.browser.submit(&form.page, &with, None).await;
            if name == "logout" && token.is_empty() {
                // Then it is the request of a client (OpenID Connect RP-Initiated Logout §2).
                let asked = form.browser.follow(refused).await;
                assert!(asked.body.contains("value=\"stay\""), "{}", asked.body);
                continue;
            }
            assert_eq!(refused.status, 403, "{name} with {token}");
            assert_eq!(refused.headers("set-cookie"), [""; 0], "{name}");
            assert_eq!(refused.header("location"), "", "{name}");
        }
        for header in [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ] {
            form.browser.headers = vec![(header.0, header.1.to_owned())];
            let refused = form.browser.submit(&form.page, &filled, None).await;
            assert_eq!(refused.status, 403, "{name} with {header:?}");
        }
        form.browser.headers.clear();
    }
    // None of that has done or spoilt anything. The account's comes last: it signs the others out.
    forms.sort_by_key(|form| form.name == "account");
    for mut form in forms {
        let filled: Vec<(&str, &str)> = form
            .filled
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let done = form.browser.submit(&form.page, &filled, None).await;
        assert!([200, 303].contains(&done.status), "{}", form.name);
    }
}

#[tokio::test]
async fn what_a_form_does_no_address_does() {
    let issuer = Issuer::demo();
    for mut form in forms(&issuer).await {
        let name = form.name;
        let before = (issuer.store.all_rows(), form.browser.cookies.clone());
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(form.page.fields());
        query.extend_pairs(&form.filled);
        let path = format!("/{}?{}", form.page.action(), query.finish());
        let shown = form.browser.get(&path).await;
        assert!(
            !shown
                .header("location")
                .starts_with("http://localhost:3000"),
            "{name}"
        );
        let after = (issuer.store.all_rows(), form.browser.cookies.clone());
        assert_eq!(before, after, "{name}");
    }
}
