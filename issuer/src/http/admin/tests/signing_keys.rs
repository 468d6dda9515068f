//! `/keys`, with real keys in a real store.

use std::path::Path;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use dockgate_token::Algorithm;
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};

use super::*;
use crate::http::tests::{DEMO, demo_app_in, running};
use crate::keys::lifecycle::Schedule;
use crate::reload::Source;

/// The demo's issuer with what it keeps in `directory`.
pub(super) fn admin_in(directory: &Path) -> Admin {
    admin_with(directory, [Algorithm::ES256, Algorithm::EdDSA])
}

/// The same with keys for these.
pub(super) fn admin_with<const N: usize>(directory: &Path, algorithms: [Algorithm; N]) -> Admin {
    let app = demo_app_in(directory, "http://localhost:8080");
    let store = app.store.clone();
    let (current, keys) = running(app, algorithms);
    let source = Source {
        path: directory.join("issuer.toml"),
        variables: Vec::new(),
    };
    fs::write(&source.path, DEMO).unwrap();
    let config = source.load().unwrap();
    let schedule = Schedule {
        algorithms: algorithms.into(),
        ..config.keys.settings(&config.server).schedule
    };
    keys.change(|keeper, now| keeper.reschedule(schedule, now))
        .unwrap();
    let fixed = config.fixed();
    let reloader = Reloader::new(source, fixed, current.clone(), keys.clone(), || 1);
    Admin {
        reloader: Arc::new(reloader),
        current,
        export: store,
        keys,
        config_file: "issuer.toml".into(),
    }
}

async fn call(admin: &Admin, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let service = TowerToHyperService::new(router(admin.clone()));
    let response = service.call(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

fn states(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let keys = answer["keys"].as_array().unwrap().iter();
    keys.map(|key| (text(&key["algorithm"]), text(&key["state"])))
        .collect()
}

fn published(admin: &Admin) -> String {
    admin.current.app().keys.jwks()
}

#[tokio::test]
async fn keys_are_listed_without_anything_secret() {
    let dir = TempDir::new();
    let admin = admin_in(dir.path());
    let (status, answer) = call(&admin, "GET", "/keys", &Value::Null).await;
    assert_eq!(status, StatusCode::OK);
    let members: Vec<_> = answer["keys"][0].as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "algorithm",
            "created_at",
            "kid",
            "next_in_seconds",
            "sealed",
            "since",
            "state"
        ]
    );
    assert_eq!(states(&answer).len(), 2);
}

#[tokio::test]
async fn a_rotation_is_in_the_jwks_when_it_is_answered() {
    let dir = TempDir::new();
    let admin = admin_in(dir.path());
    let body = json!({ "algorithm": "ES256" });
    let (status, answer) = call(&admin, "POST", "/keys/rotate", &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(states(&answer), [("ES256".into(), "published".into())]);
    let kid = answer["keys"][0]["kid"].as_str().unwrap();
    assert!(published(&admin).contains(kid));
}

#[tokio::test]
async fn revoked_keys_are_out_of_the_jwks_when_that_is_answered() {
    let dir = TempDir::new();
    let admin = admin_in(dir.path());
    let before = published(&admin);
    let body = json!({ "revoke_old": true });
    let (status, answer) = call(&admin, "POST", "/keys/rotate", &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    for key in answer["keys"].as_array().unwrap() {
        assert_eq!(key["state"], "active");
        assert!(!before.contains(key["kid"].as_str().unwrap()));
    }
    let now: Value = serde_json::from_str(&published(&admin)).unwrap();
    assert_eq!(now["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_key_is_brought_and_what_cannot_be_is_refused_with_what_to_do() {
    let dir = TempDir::new();
    let admin = admin_in(dir.path());
    // RFC 8037 Appendix A.1.
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let body = json!({ "key": jwk.to_string(), "kid": "theirs", "activate_now": true });
    let (status, answer) = call(&admin, "POST", "/keys/import", &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(
        (&answer["kid"], &answer["state"]),
        (&"theirs".into(), &"active".into())
    );
    assert!(published(&admin).contains("theirs"));
    for (body, status, part) in [
        (body, StatusCode::CONFLICT, "already"),
        (
            json!({ "key": "x" }),
            StatusCode::BAD_REQUEST,
            "neither PEM",
        ),
        (json!({ "key": 1 }), StatusCode::BAD_REQUEST, "key"),
        (
            json!({ "keys": "" }),
            StatusCode::BAD_REQUEST,
            "unknown field",
        ),
    ] {
        let (was, answer) = call(&admin, "POST", "/keys/import", &body).await;
        assert_eq!(was, status, "{answer}");
        let description = answer["error_description"].as_str().unwrap();
        assert!(description.contains(part), "{description}");
    }
    let missing = json!({ "algorithm": "PS256", "revoke_old": true });
    let (status, _) = call(&admin, "POST", "/keys/rotate", &missing).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_first_key_of_an_algorithm_is_made_by_name() {
    let dir = TempDir::new();
    let admin = admin_in(dir.path());
    let first = json!({ "algorithm": "PS256" });
    for (state, count) in [("active", 1), ("published", 1), ("published", 1)] {
        let (status, answer) = call(&admin, "POST", "/keys/rotate", &first).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let keys = answer["keys"].as_array().unwrap();
        assert_eq!(keys.len(), count, "{answer}");
        assert_eq!(
            (&keys[0]["algorithm"], &keys[0]["state"]),
            (&"PS256".into(), &state.into())
        );
        assert!(published(&admin).contains(keys[0]["kid"].as_str().unwrap()));
    }
}
