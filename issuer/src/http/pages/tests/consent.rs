//! Saying yes, no, and yes to less.

use dockgate_token::Scope;

use super::browser::*;
use super::{ALICE, BOB};
use crate::protocol::User;

async fn consent_page<'a>(
    issuer: &'a Issuer,
    user: (&str, &str),
    scope: &str,
) -> (Browser<'a>, Page) {
    let mut browser = Browser::new(issuer);
    let login = browser.open(&request("web", scope, &[])).await;
    let page = browser.log_in(&login, user).await;
    (browser, page)
}

#[tokio::test]
async fn the_page_says_who_asks_for_what_of_whom_and_where_the_answer_goes() {
    let issuer = Issuer::demo();
    let (_, page) = consent_page(&issuer, ALICE, "openid email api:read api:write").await;
    for text in [
        "<bdi>Demo web application</bdi>",
        "<code>web</code>",
        "<bdi>alice</bdi>",
        "<bdi>localhost:3000</bdi>",
        "Read your data<code>api:read</code>",
        "Change your data<code>api:write</code>",
        "See your email address<code>email</code>",
        "Know that it is you<code>openid</code>",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let allow = page.body.find("value=\"allow\"").unwrap();
    assert!(allow < page.body.find("value=\"deny\"").unwrap());
    assert_eq!(page.ticked(), ["email", "api:read", "api:write"]);
}

#[tokio::test]
async fn what_is_not_ticked_is_not_granted() {
    let issuer = Issuer::demo();
    let (mut browser, page) = consent_page(&issuer, ALICE, "api:read api:write").await;
    let mut fields = page.fields();
    fields.retain(|(_, value)| value != "api:write");
    fields.push(("decision".to_owned(), "allow".to_owned()));
    let back = browser.post("/consent", &fields).await;
    let tokens = redeem(&issuer, "web", &back.answer()["code"]).await;
    assert_eq!(tokens["scope"], "api:read");
}

#[tokio::test]
async fn a_page_may_have_a_box_for_each_of_very_many_scopes() {
    let names: Vec<String> = (0..100).map(|n| format!("api:part{n}")).collect();
    let scope: Scope = names.join(" ").parse().unwrap();
    let issuer = Issuer::at("http://localhost:8080", |app| {
        for server in &mut app.server.resource_servers {
            let like = server.scopes[0].clone();
            server.scopes.extend(names.iter().map(|name| {
                let mut scope = like.clone();
                scope.name.clone_from(name);
                scope
            }));
        }
        let web = app.server.clients.get_mut(&"web".parse().unwrap());
        web.unwrap().scope = scope.clone();
        app.server.users = app
            .server
            .users
            .iter()
            .cloned()
            .map(|user| User {
                scope: scope.clone(),
                ..user
            })
            .collect();
    });
    let (mut browser, page) = consent_page(&issuer, ALICE, &names.join(" ")).await;
    assert_eq!(page.ticked().len(), names.len());
    let back = browser.submit(&page, &[], Some("allow")).await;
    assert_eq!(back.status, 303, "{}", back.body);
    assert!(back.answer().contains_key("code"));
}

#[tokio::test]
async fn no_and_yes_to_nothing_are_told_to_the_client() {
    let issuer = Issuer::demo();
    let (mut browser, page) = consent_page(&issuer, ALICE, "api:read").await;
    let mut nothing = page.fields();
    nothing.retain(|(name, _)| name != "scope");
    let mut allow_nothing = nothing.clone();
    allow_nothing.push(("decision".to_owned(), "allow".to_owned()));
    let mut odd = page.fields();
    odd.push(("decision".to_owned(), "ALLOW".to_owned()));
    let mut deny = page.fields();
    deny.push(("decision".to_owned(), "deny".to_owned()));
    for fields in [page.fields(), nothing, allow_nothing, odd, deny] {
        let back = browser.post("/consent", &fields).await;
        assert_eq!(back.status, 303);
        let answer = back.answer();
        assert_eq!(answer["error"], "access_denied", "{fields:?}");
        assert_eq!(answer["state"], "some state");
        assert!(!answer.contains_key("code"));
    }
}

#[tokio::test]
async fn a_scope_that_was_not_offered_is_not_granted_by_ticking_it() {
    let issuer = Issuer::demo();
    let (mut browser, page) = consent_page(&issuer, ALICE, "api:read").await;
    let mut fields = page.fields();
    fields.push(("scope".to_owned(), "api:admin".to_owned()));
    fields.push(("decision".to_owned(), "allow".to_owned()));
    let back = browser.post("/consent", &fields).await;
    let tokens = redeem(&issuer, "web", &back.answer()["code"]).await;
    assert_eq!(tokens["scope"], "api:read");
    let malformed = [("scope".to_owned(), "\"".to_owned())];
    let fields: Vec<_> = fields.into_iter().chain(malformed).collect();
    assert_eq!(browser.post("/consent", &fields).await.status, 400);
}

#[tokio::test]
async fn a_user_is_offered_only_what_the_user_may_grant() {
    let issuer = Issuer::demo();
    let (_, page) = consent_page(&issuer, BOB, "api:read api:write").await;
    assert_eq!(page.ticked(), ["api:read"]);
    assert!(!page.body.contains("api:write"));
    let (_, none) = consent_page(&issuer, BOB, "api:admin").await;
    assert_eq!(none.answer()["error"], "access_denied");
}

#[tokio::test]
async fn another_account_can_be_chosen() {
    let issuer = Issuer::demo();
    let (mut browser, page) = consent_page(&issuer, ALICE, "api:read").await;
    let (_, link) = page.body.split_once("<a href=\"login?flow=").unwrap();
    let flow = link.split_once('"').unwrap().0;
    let login = browser.open(&format!("/login?flow={flow}")).await;
    assert!(
        login
            .body
            .contains("You are signed in as <strong><bdi>alice</bdi></strong>")
    );
    let page = browser.log_in(&login, BOB).await;
    assert!(page.body.contains("<bdi>bob</bdi>"));
}

#[tokio::test]
async fn an_answer_after_the_end_of_the_session_leads_to_the_login() {
    let issuer = Issuer::demo();
    let (mut browser, page) = consent_page(&issuer, ALICE, "api:read").await;
    let lookup = crate::store::SecretDigest::of(browser.cookies["dockgate-session"].as_bytes());
    crate::store::SessionStore::remove_session(&*issuer.store, lookup)
        .await
        .unwrap();
    let answered = browser.submit(&page, &[], Some("allow")).await;
    assert_eq!(answered.status, 303);
    assert!(answered.header("location").starts_with("login?flow="));
    let login = browser.follow(answered).await;
    let page = browser.log_in(&login, ALICE).await;
    assert!(
        browser
            .submit(&page, &[], Some("allow"))
            .await
            .answer()
            .contains_key("code")
    );
}

#[tokio::test]
async fn a_client_that_registered_itself_is_told_apart_and_asked_for_each_time() {
    let issuer = Issuer::at("http://localhost:8080", |app| {
        let mut client = app.server.client("web").unwrap().clone();
        client.provenance = crate::protocol::Provenance::Registration;
        let id = client.id.clone();
        app.server.clients.remove(&id);
        app.server.clients.add(client);
    });
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "api:read", &[])).await;
    let page = browser.log_in(&login, ALICE).await;
    assert!(page.body.contains("registered itself"), "{}", page.body);
    let mut fields = page.fields();
    fields.push(("decision".to_owned(), "allow".to_owned()));
    let back = browser.post("/consent", &fields).await;
    assert!(back.answer().contains_key("code"));
    let again = browser.open(&request("web", "api:read", &[])).await;
    assert!(again.body.contains("registered itself"), "{}", again.body);
}
