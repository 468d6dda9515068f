//! A client whose id is the URL of a document, from its user's side, while the document changes.

use std::path::Path;

use dockgate_token::Algorithm;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::ALICE;
use super::browser::*;
use crate::http::tests::website::Website;
use crate::protocol::client_id_metadata::ClientIdMetadataPolicy;
use crate::protocol::signer::{OTHER, OWN, base};

fn policy() -> ClientIdMetadataPolicy {
    let text = format!(
        "{}\n[client_id_metadata]\nenabled = true\nallow_loopback = true\n",
        include_str!("../../../../../envoy/issuer.toml")
    );
    let config = crate::config::parse(Path::new("issuer.toml"), &text, []).unwrap();
    let policy = config.server.client_id_metadata.unwrap();
    policy.as_ref().clone()
}

fn issuer() -> Issuer {
    Issuer::at("http://localhost:8080", |app| {
        app.server.client_id_metadata = Some(policy().into());
    })
}

fn document() -> Value {
    json!({
        "client_name": "Assistant",
        "redirect_uris": ["http://127.0.0.1/callback", "https://elsewhere.example/cb"],
        "grant_types": ["authorization_code", "refresh_token"],
    })
}

async fn site() -> Website {
    let site = Website::start().await;
    site.put_document(document());
    site
}

async fn consent<'a>(issuer: &'a Issuer, path: &str) -> (Browser<'a>, Page) {
    let mut browser = Browser::new(issuer);
    let login = browser.open(path).await;
    let page = browser.log_in(&login, ALICE).await;
    (browser, page)
}

async fn tokens<'a>(issuer: &'a Issuer, site: &Website, scope: &str) -> (Browser<'a>, Value) {
    let (mut browser, page) = consent(issuer, &request(&site.id(), scope, &[])).await;
    let back = browser.submit(&page, &[], Some("allow")).await;
    let tokens = redeem(issuer, &site.id(), &back.answer()["code"]).await;
    assert!(tokens["access_token"].is_string(), "{tokens}");
    (browser, tokens)
}

async fn post(issuer: &Issuer, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let request = axum::http::Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into());
    let answer = issuer.ask(request.unwrap()).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

/// Refreshes, and gives the status and the error.
async fn refresh(
    issuer: &Issuer,
    site: &Website,
    tokens: &mut Value,
    more: &[(&str, &str)],
) -> (u16, String) {
    let token = tokens["refresh_token"].as_str().unwrap().to_owned();
    let id = site.id();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &token),
        ("client_id", &id),
    ];
    let (status, answer) = post(issuer, "/token", &[&form, more].concat()).await;
    if status == 200 {
        *tokens = answer.clone();
    }
    let error = answer["error"].as_str().unwrap_or_default();
    (status, error.to_owned())
}

#[tokio::test]
async fn the_page_that_asks_for_a_password_says_no_name_that_anybody_chose() {
    let (issuer, site) = (issuer(), site().await);
    let path = request(&site.id(), "api:read", &[]);
    let login = Browser::new(&issuer).open(&path).await;
    let host = site.origin.trim_start_matches("http://");
    assert!(
        login.body.contains(&format!("<bdi>{host}</bdi>")),
        "{}",
        login.body
    );
    assert!(!login.body.contains("Assistant"), "{}", login.body);
}

#[tokio::test]
async fn the_page_says_whose_it_is_where_the_answer_goes_and_asks_each_time() {
    let (issuer, site) = (issuer(), site().await);
    let elsewhere = [("redirect_uri", "https://elsewhere.example/cb")];
    let (mut browser, page) = consent(&issuer, &request(&site.id(), "api:read", &elsewhere)).await;
    let host = site.origin.trim_start_matches("http://");
    for text in [
        "Assistant",
        &format!("<bdi>{host}</bdi>"),
        "Nobody here has checked it",
        "elsewhere.example",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(!page.body.contains("a program on this computer"));
    let back = browser.submit(&page, &[], Some("allow")).await;
    assert!(back.answer().contains_key("code"));
    let again = browser.open(&request(&site.id(), "api:read", &[])).await;
    assert!(again.body.contains("Nobody here has checked it"));
    assert!(again.body.contains("a program on this computer"));
    assert_eq!(site.asked(), 1, "one document for all steps");
}

#[tokio::test]
async fn what_is_taken_out_of_the_document_while_the_user_thinks_gets_no_code() {
    let (issuer, site) = (issuer(), site().await);
    let (mut browser, page) = consent(&issuer, &request(&site.id(), "api:read", &[])).await;
    let mut changed = document();
    changed["redirect_uris"] = json!(["https://elsewhere.example/cb"]);
    site.put_document(changed);
    set_clock(NOW + 61);
    let answer = browser.submit(&page, &[], Some("allow")).await;
    assert_eq!(answer.header("location"), "");
    assert_eq!(answer.status, 400, "{}", answer.body);
}

#[tokio::test]
async fn a_code_is_for_the_client_that_the_document_says_by_then() {
    let (issuer, site) = (issuer(), site().await);
    let (mut browser, page) = consent(&issuer, &request(&site.id(), "api:read", &[])).await;
    let back = browser.submit(&page, &[], Some("allow")).await;
    site.put("/client.json", 410, "");
    set_clock(NOW + 61);
    let refused = redeem(&issuer, &site.id(), &back.answer()["code"]).await;
    assert_eq!(refused["error"], "invalid_client");
}

#[tokio::test]
async fn a_client_whose_host_is_down_goes_on_and_one_that_is_gone_does_not() {
    let (issuer, site) = (issuer(), site().await);
    let (_, mut tokens) = tokens(&issuer, &site, "openid api:read").await;
    for (later, status, expected) in [
        (61, 503, (200, "")),
        // After an hour nothing is known any more.
        (60 + 3600, 503, (503, "temporarily_unavailable")),
        (60 + 3630, 404, (401, "invalid_client")),
        // Its host is left alone for a moment.
        (60 + 3631, 200, (503, "temporarily_unavailable")),
        // Nothing that was granted has ended: it is the same client.
        (60 + 3660, 200, (200, "")),
    ] {
        let body = match status {
            200 => {
                site.put_document(document());
                String::new()
            }
            _ => "{}".to_owned(),
        };
        if status != 200 {
            site.put("/client.json", status, &body);
        }
        set_clock(NOW + later);
        let (answer, error) = refresh(&issuer, &site, &mut tokens, &[]).await;
        assert_eq!((answer, error.as_str()), expected, "{later}");
    }
}

#[tokio::test]
async fn what_a_document_takes_back_is_not_refreshed() {
    let (issuer, site) = (issuer(), site().await);
    let (_, mut tokens) = tokens(&issuer, &site, "openid api:read").await;
    let mut changed = document();
    changed["scope"] = "openid".into();
    site.put_document(changed);
    set_clock(NOW + 61);
    let (status, _) = refresh(&issuer, &site, &mut tokens, &[]).await;
    assert_eq!((status, &tokens["scope"]), (200, &"openid".into()));
    let mut changed = document();
    changed["grant_types"] = json!(["authorization_code"]);
    site.put_document(changed);
    set_clock(NOW + 122);
    let (status, error) = refresh(&issuer, &site, &mut tokens, &[]).await;
    assert_eq!((status, error.as_str()), (400, "unauthorized_client"));
}

#[tokio::test]
async fn a_client_with_keys_at_another_url_proves_who_it_is_with_them() {
    let (issuer, site) = (issuer(), site().await);
    let (_, mut tokens) = tokens(&issuer, &site, "api:read").await;
    let mut changed = document();
    changed["token_endpoint_auth_method"] = "private_key_jwt".into();
    changed["jwks_uri"] = format!("{}/jwks.json", site.origin).into();
    site.put_document(changed);
    site.put("/jwks.json", 200, &OWN.jwks().to_string());
    set_clock(NOW + 61);
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let signed = |signer: &crate::protocol::signer::Signer, jti: &str| {
        let (header, mut claims) = base(&site.id(), &site.id(), jti);
        claims["exp"] = (NOW + 120).into();
        signer.sign(Algorithm::ES256, &header, &claims)
    };
    let (without, of_another) = (Vec::new(), signed(&OTHER, "one"));
    let another = vec![
        ("client_assertion_type", kind),
        ("client_assertion", of_another.as_str()),
    ];
    for more in [&without, &another] {
        let (status, error) = refresh(&issuer, &site, &mut tokens, more).await;
        assert_eq!(
            (status, error.as_str()),
            (401, "invalid_client"),
            "{more:?}"
        );
    }
    let own = signed(&OWN, "two");
    let own = [("client_assertion_type", kind), ("client_assertion", &own)];
    let (status, error) = refresh(&issuer, &site, &mut tokens, &own).await;
    assert_eq!((status, error.as_str()), (200, ""));
}

#[tokio::test]
async fn a_user_sees_it_on_the_account_page_and_ends_its_access() {
    let (issuer, site) = (issuer(), site().await);
    let (mut browser, mut tokens) = tokens(&issuer, &site, "openid api:read").await;
    site.put("/client.json", 503, "");
    set_clock(NOW + 7200);
    let asked = site.asked();
    let page = browser.open("/account").await;
    let button = format!("name=\"application\" value=\"{}\"", site.id());
    assert!(page.body.contains(&button), "{}", page.body);
    assert_eq!(site.asked(), asked, "who looks tells nobody");
    let mut fields = page.fields();
    fields.push(("application".to_owned(), site.id()));
    let answer = browser.post("/account", &fields).await;
    let page = browser.follow(answer).await;
    assert!(!page.body.contains(&button), "{}", page.body);
    site.put_document(document());
    let (status, error) = refresh(&issuer, &site, &mut tokens, &[]).await;
    assert_eq!((status, error.as_str()), (400, "invalid_grant"));
}

#[tokio::test]
async fn its_user_logs_out_with_its_id_token_whether_its_host_is_well_or_not() {
    let (issuer, site) = (issuer(), site().await);
    let (mut browser, tokens) = tokens(&issuer, &site, "openid").await;
    site.put("/client.json", 503, "");
    set_clock(NOW + 7200);
    let hint = tokens["id_token"].as_str().unwrap();
    let path = |id: &str, more: &str| {
        let mut query = Serializer::new(String::new());
        query.extend_pairs([("id_token_hint", hint), ("client_id", id)]);
        format!("/logout?{}{more}", query.finish())
    };
    let other = browser.open(&path("https://other.example/c", "")).await;
    assert_eq!(other.status, 400, "the token is of another client");
    let to = "&post_logout_redirect_uri=https://elsewhere.example/cb";
    let elsewhere = browser.open(&path(&site.id(), to)).await;
    assert_eq!(elsewhere.status, 400, "nothing is registered for that");
    let done = browser.open(&path(&site.id(), "")).await;
    assert!(done.body.contains("signed out"), "{}", done.body);
}

#[tokio::test]
async fn its_tokens_are_looked_into_however_many_clients_others_invent() {
    let (issuer, site) = (issuer(), site().await);
    let (_, tokens) = tokens(&issuer, &site, "openid api:read").await;
    for number in 0..30 {
        let invented = format!("{}/{number}", site.origin);
        let form = [("grant_type", "refresh_token"), ("client_id", &invented)];
        post(&issuer, "/token", &form).await;
    }
    let (status, answer) = post(
        &issuer,
        "/token",
        &[
            ("grant_type", "refresh_token"),
            ("client_id", &format!("{}/more", site.origin)),
        ],
    )
    .await;
    assert_eq!(
        (status, &answer["error"]),
        (503, &"temporarily_unavailable".into())
    );
    set_clock(NOW + 61);
    let token = tokens["access_token"].as_str().unwrap();
    let form = [
        ("client_id", "gateway"),
        ("client_secret", "gateway-secret"),
        ("token", token),
    ];
    let (status, answer) = post(&issuer, "/introspect", &form).await;
    assert_eq!((status, &answer["active"]), (200, &true.into()), "{answer}");
}

/// What a gateway makes of a token that the document's client was granted.
async fn exchanged(issuer: &Issuer, token: &str) -> (u16, Value) {
    let form = [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("client_id", "gateway"),
        ("client_secret", "gateway-secret"),
        ("subject_token", token),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        ("audience", "api-gateway"),
    ];
    post(issuer, "/token", &form).await
}

async fn about(issuer: &Issuer, path: &str, token: &str) -> (u16, Value) {
    let form = [
        ("client_id", "gateway"),
        ("client_secret", "gateway-secret"),
        ("token", token),
    ];
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let request = axum::http::Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into());
    let answer = issuer.ask(request.unwrap()).await;
    let told = serde_json::from_str(&answer.body).unwrap_or_default();
    (answer.status, told)
}

#[tokio::test]
async fn a_token_made_of_one_of_its_is_alive_for_as_long_as_the_document_is() {
    let (issuer, site) = (issuer(), site().await);
    let (_, tokens) = tokens(&issuer, &site, "openid api:read").await;
    let (status, first) = exchanged(&issuer, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(status, 200, "{first}");
    let first = first["access_token"].as_str().unwrap();
    let (status, told) = about(&issuer, "/introspect", first).await;
    assert_eq!((status, &told["active"]), (200, &true.into()), "{told}");
    assert_eq!(told["client_id"], "gateway");
    // It may be exchanged once more, and userinfo knows it: it lacks the scope, that is all.
    let (status, second) = exchanged(&issuer, first).await;
    assert_eq!(status, 200, "{second}");
    let userinfo =
        axum::http::Request::get("/userinfo").header("authorization", format!("Bearer {first}"));
    let answer = issuer.ask(userinfo.body("".into()).unwrap()).await;
    assert_eq!(answer.status, 403, "{}", answer.header("www-authenticate"));

    site.put("/client.json", 410, "");
    set_clock(NOW + 61);
    let (status, told) = about(&issuer, "/introspect", first).await;
    assert_eq!((status, &told["active"]), (200, &false.into()), "{told}");
    assert_eq!(about(&issuer, "/revoke", first).await.0, 200);
}

#[tokio::test]
async fn who_gives_a_token_back_does_not_wait_for_the_host_of_whose_grant_it_was() {
    let (issuer, site) = (issuer(), site().await);
    let (_, tokens) = tokens(&issuer, &site, "api:read").await;
    let (_, made) = exchanged(&issuer, tokens["access_token"].as_str().unwrap()).await;
    let made = made["access_token"].as_str().unwrap();
    site.put("/client.json", 503, "");
    set_clock(NOW + 61);
    let asked = site.asked();
    assert_eq!(about(&issuer, "/revoke", made).await.0, 200);
    assert_eq!(site.asked(), asked);
    let (_, told) = about(&issuer, "/introspect", made).await;
    assert_eq!(told["active"], false, "it was given back");
    assert!(site.asked() > asked);
}
