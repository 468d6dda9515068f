//! Clients that say where their picture is.

use std::path::Path;

use serde_json::{Value, json};

use super::ALICE;
use super::browser::*;
use crate::http::tests::website::Website;
use crate::protocol::AuthorizationServer;

/// Where a client says that things of its own are.
const ELSEWHERE: [(&str, &str); 4] = [
    ("logo_uri", "https://pictures.example/logo.png"),
    ("client_uri", "https://pages.example/"),
    ("policy_uri", "https://pages.example/privacy"),
    ("tos_uri", "https://pages.example/terms"),
];

fn server(more: &str) -> AuthorizationServer {
    let demo = include_str!("../../../../../envoy/issuer.toml");
    let config = crate::config::parse(Path::new("issuer.toml"), &format!("{demo}\n{more}\n"), []);
    config.unwrap().server
}

fn with_all(mut document: Value) -> Value {
    for (name, url) in ELSEWHERE {
        document[name] = url.into();
    }
    document
}

/// Each page that says something of a client.
async fn pages(issuer: &Issuer, client_id: &str) -> [Page; 4] {
    let mut browser = Browser::new(issuer);
    let login = browser.open(&request(client_id, "api:read", &[])).await;
    let consent = browser.log_in(&login, ALICE).await;
    let back = browser.submit(&consent, &[], Some("allow")).await;
    let tokens = redeem(issuer, client_id, &back.answer()["code"]).await;
    assert_eq!(tokens["scope"], "api:read", "{tokens}");
    let account = browser.open("/account").await;
    assert!(account.body.contains(client_id), "{}", account.body);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", client_id)
        .finish();
    let logout = browser.open(&format!("/logout?{query}")).await;
    [login, consent, account, logout]
}

/// A browser that opens the page asks nobody else for anything.
fn loads_nothing(page: &Page) {
    let body = page.body.to_lowercase();
    for text in [
        "<img", "<image", "<iframe", "<link", "<object", "src=", "srcset=", "url(", "@import",
    ] {
        assert!(!body.contains(text), "{text} on {}: {body}", page.url);
    }
    for host in ["pictures.example", "pages.example"] {
        assert!(!body.contains(host), "{host} on {}: {body}", page.url);
    }
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    for directive in [
        "img-src",
        "connect-src",
        "frame-src",
        "font-src",
        "http:",
        "https:",
    ] {
        assert!(!policy.contains(directive), "{directive} in {policy}");
    }
}

#[tokio::test]
async fn the_picture_of_a_client_that_registered_is_loaded_by_nobody() {
    let issuer = Issuer::at("http://localhost:8080", |app| {
        app.server = server("[registration]\nenabled = true\nopen = true");
    });
    let client = with_all(json!({
        "client_name": "Assistant",
        "redirect_uris": ["http://127.0.0.1:43210/callback"],
        "token_endpoint_auth_method": "none",
        "scope": "api:read",
    }));
    let request = axum::http::Request::post("/register")
        .header("content-type", "application/json")
        .body(client.to_string().into());
    let answer = issuer.ask(request.unwrap()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let made: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(made["logo_uri"], ELSEWHERE[0].1, "it is kept");
    let id = made["client_id"].as_str().unwrap();
    pages(&issuer, id).await.iter().for_each(loads_nothing);
}

#[tokio::test]
async fn the_picture_of_a_client_whose_id_is_a_url_is_loaded_by_nobody() {
    let site = Website::start().await;
    site.put_document(with_all(json!({
        "client_name": "Assistant",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
    })));
    let issuer = Issuer::at("http://localhost:8080", |app| {
        app.server = server("[client_id_metadata]\nenabled = true\nallow_loopback = true");
    });
    pages(&issuer, &site.id())
        .await
        .iter()
        .for_each(loads_nothing);
    assert_eq!(site.asked(), 1, "for the document alone");
}
