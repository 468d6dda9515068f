//! Clients that are added, changed and taken away while the issuer runs.

use serde_json::{Value, json};

use super::contract::{Call, running};
use super::users::{recorded, use_as};
use super::*;
use crate::additions;
use crate::http::App;
use crate::protocol::ClientKind;
use crate::store::{AdditionStore as _, GrantStore as _};

/// The clock of the tests.
const NOW: u64 = 1_000_000;

fn job(more: Value) -> Value {
    let mut client = json!({
        "client_id": "job",
        "grants": ["client_credentials"],
        "scopes": ["api:read"],
    });
    for (key, value) in more.as_object().unwrap() {
        client[key] = value.clone();
    }
    json!({ "client": client, "generate_secret": true })
}

async fn add(admin: &Admin, client: Value) -> String {
    let added = Call::post("/clients", client).done(admin).await;
    added["client_secret"].as_str().unwrap().to_owned()
}

fn is_secret(app: &App, secret: &str, now: u64) -> bool {
    match &app.server.client("job").unwrap().kind {
        ClientKind::Confidential(secrets) => secrets.matches(secret.as_bytes(), now),
        other => panic!("{other:?}"),
    }
}

async fn rotate(admin: &Admin, overlap: u64) -> (String, Value) {
    let body = json!({ "overlap_seconds": overlap });
    let call = Call::post("/clients/{client_id}/secret", body).named("job");
    let rotated = call.done(admin).await;
    let secret = rotated["client_secret"].as_str().unwrap().to_owned();
    (secret, rotated["client"]["secrets"].clone())
}

#[tokio::test]
async fn a_client_that_was_added_counts_at_once_and_after_a_restart() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let secret = add(&admin, job(json!({}))).await;
    assert_eq!(secret.len(), 43, "256 bits in base64url");
    let app = admin.current.app();
    assert!(is_secret(&app, &secret, NOW));
    let mut server = crate::http::tests::demo_app("http://localhost:8080").server;
    assert_eq!(additions::load(&*app.store, &mut server).unwrap(), [""; 0]);
    assert!(server.client("job").is_some());
    // Nobody can read it again.
    let listed = Call::get("/clients").done(&admin).await.to_string();
    assert!(listed.contains("\"job\"") && !listed.contains(&secret));
    let stored = app.store.added_client("job").unwrap().unwrap();
    assert!(!stored.table.contains(&secret));
    assert_eq!(recorded(&admin), ["client_added"]);
}

#[tokio::test]
async fn two_secrets_are_good_for_a_while_and_then_the_new_one_alone() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let first = add(&admin, job(json!({}))).await;
    let (second, shown) = rotate(&admin, 60).await;
    assert_eq!(
        shown,
        json!([{ "expires_at": null }, { "expires_at": NOW + 60 }])
    );
    let app = admin.current.app();
    for (now, expected) in [
        (NOW, (true, true)),
        (NOW + 59, (true, true)),
        (NOW + 60, (false, true)),
    ] {
        let good = (is_secret(&app, &first, now), is_secret(&app, &second, now));
        assert_eq!(good, expected, "{now}");
    }
    let (third, shown) = rotate(&admin, 0).await;
    assert_eq!(shown, json!([{ "expires_at": null }]));
    let app = admin.current.app();
    assert!(is_secret(&app, &third, NOW) && !is_secret(&app, &second, NOW));
    assert_eq!(
        recorded(&admin),
        [
            "client_added",
            "client_secret_rotated",
            "client_secret_rotated"
        ]
    );
}

#[tokio::test]
async fn a_client_of_the_file_is_changed_there() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let call = Call::post(
        "/clients/{client_id}/secret",
        json!({ "overlap_seconds": 1 }),
    );
    let reason = call.named("web").refused(&admin, 409).await;
    assert_eq!(
        reason,
        "client \"web\" is in the configuration: change it in issuer.toml, and then reload or restart the issuer"
    );
}

#[tokio::test]
async fn what_the_file_would_not_have_is_refused_with_its_words() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let alice = admin
        .current
        .app()
        .server
        .users
        .by_name("alice")
        .unwrap()
        .subject
        .clone();
    for (more, status, reason) in [
        (json!({ "scopes": ["no:scope"] }), 400, "no:scope"),
        (json!({ "grants": ["no_grant"] }), 400, "no_grant"),
        (json!({ "grant": [] }), 400, "unknown key `grant`"),
        (
            json!({ "jwks_file": "x" }),
            400,
            "cannot be kept in the store",
        ),
        (
            json!({ "secret_sha256": "x" }),
            400,
            "is to get another secret",
        ),
        (
            json!({ "token_endpoint_auth_method": "none" }),
            400,
            "does not authenticate but has a secret",
        ),
        (
            json!({ "redirect_uris": ["http://example.com/"] }),
            400,
            "http://example.com/",
        ),
        (
            json!({ "client_id": alice }),
            409,
            "has the subject of a user for an id",
        ),
        (
            json!({ "client_id": "web" }),
            409,
            "is in the configuration",
        ),
        (
            json!({ "id_token_signed_response_alg": "PS256" }),
            409,
            "key rotate --algorithm PS256",
        ),
    ] {
        let refused = Call::post("/clients", job(more))
            .refused(&admin, status)
            .await;
        assert!(refused.contains(reason), "{refused}");
    }
    assert_eq!(admin.current.app().store.added_clients().unwrap(), []);
}

#[tokio::test]
async fn all_of_a_client_ends_when_disabled_or_removed_and_none_of_it_is_back() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let secret = add(&admin, job(json!({}))).await;
    let grants = async || {
        let store = &admin.current.app().store;
        store.grants_of("alice", NOW).await.unwrap().len()
    };
    use_as(&admin, "alice", "job").await;
    use_as(&admin, "alice", "web").await;
    let call = Call::post("/clients/{client_id}/disable", Value::Null).named("job");
    let changed = call.done(&admin).await;
    assert_eq!(
        (&changed["ended"]["grants"], &changed["ended"]["consents"]),
        (&json!(1), &json!(0))
    );
    assert!(admin.current.app().server.client("job").is_none());
    assert_eq!(grants().await, 1, "that of web");
    Call::post("/clients/{client_id}/enable", Value::Null)
        .named("job")
        .done(&admin)
        .await;
    assert!(is_secret(&admin.current.app(), &secret, NOW));
    let removed = Call::delete("/clients/{client_id}")
        .named("job")
        .done(&admin)
        .await;
    assert_eq!(removed["ended"]["consents"], 1);
    use_as(&admin, "alice", "job").await;
    assert_eq!(grants().await, 2);
    add(&admin, job(json!({}))).await;
    assert_eq!(grants().await, 1, "nothing is inherited");
    assert_eq!(
        recorded(&admin),
        [
            "client_added",
            "client_disabled",
            "client_enabled",
            "client_removed",
            "client_added"
        ]
    );
}

#[tokio::test]
async fn a_public_client_has_no_secret_to_rotate() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let public = json!({ "client": { "client_id": "job", "grants": ["authorization_code"], "redirect_uris": ["http://localhost:1/cb"] } });
    let added = Call::post("/clients", public).done(&admin).await;
    assert_eq!(added["client_secret"], Value::Null);
    let call = Call::post("/clients/{client_id}/secret", json!({}));
    let refused = call.named("job").refused(&admin, 409).await;
    assert!(refused.contains("it is public"), "{refused}");
}
