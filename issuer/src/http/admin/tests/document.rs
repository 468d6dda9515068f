//! `docs/admin-api.json` has every route, and every answer that is described is given.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::contract::{Call, document, running};
use super::*;

const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$i0mrEZ7XrfqRdVtgN3VJ2g$tl7WQdg/UnyGFE+xTmngAMh4KzQH1j1Sb0IxLF3+Cak";

/// RFC 8037 Appendix A.1.
const JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn operations() -> BTreeSet<(String, String)> {
    let mut operations = BTreeSet::new();
    for (path, methods) in document()["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            operations.insert((path.clone(), method.to_uppercase()));
        }
    }
    operations
}

#[test]
fn every_route_is_in_the_document_and_the_reverse() {
    let routes = routes::routes().into_iter();
    let routes: BTreeSet<_> = routes
        .map(|route| (route.path.to_owned(), route.method.to_string()))
        .collect();
    assert_eq!(routes, operations());
}

#[test]
fn what_a_request_and_an_answer_are_is_closed() {
    let open = ["NewUser", "Source", "Standing", "Revoke"];
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        if !open.contains(&name.as_str()) && name != "NewClient" {
            assert_eq!(schema["additionalProperties"], false, "{name}");
        }
    }
}

/// In this order: what one adds the next one changes.
fn calls() -> Vec<(u16, Call<'static>)> {
    let user = |name: &str| json!({ "username": name, "password_hash": HASH, "name": null });
    let client = |id: &str| json!({ "client": { "client_id": id, "grants": ["client_credentials"], "scopes": ["api:read"] }, "generate_secret": true });
    let mut calls = vec![
        (200, Call::post("/backup", Value::Null)),
        (200, Call::post("/reload", Value::Null)),
        (200, Call::get("/keys")),
        (
            200,
            Call::post("/keys/rotate", json!({ "algorithm": "ES256" })),
        ),
        (
            404,
            Call::post(
                "/keys/rotate",
                json!({ "algorithm": "PS256", "revoke_old": true }),
            ),
        ),
        (
            400,
            Call::post("/keys/rotate", json!({ "algorithm": "none" })),
        ),
        (400, Call::post("/keys/import", json!({ "key": "no key" }))),
        (200, Call::post("/keys/import", json!({ "key": JWK }))),
        (409, Call::post("/keys/import", json!({ "key": JWK }))),
        (200, Call::get("/users")),
        (200, Call::post("/users", user("carol"))),
        (409, Call::post("/users", user("carol"))),
        (409, Call::post("/users", user("alice"))),
        (400, Call::post("/users", json!({ "username": "dave" }))),
        (200, Call::get("/clients")),
        (200, Call::post("/clients", client("added"))),
        (409, Call::post("/clients", client("added"))),
        (400, Call::post("/clients", json!({ "client": {} }))),
        (
            200,
            Call::post("/tokens/revoke", json!({ "user": "carol" })),
        ),
        (
            200,
            Call::post("/tokens/revoke", json!({ "subject": "user-4cmzq8xg2v" })),
        ),
        (
            200,
            Call::post("/tokens/revoke", json!({ "client_id": "added" })),
        ),
        (
            404,
            Call::post("/tokens/revoke", json!({ "client_id": "nobody" })),
        ),
        (
            404,
            Call::post("/tokens/revoke", json!({ "family": "nothing" })),
        ),
        (
            404,
            Call::post("/tokens/revoke", json!({ "user": "nobody" })),
        ),
        (
            404,
            Call::post("/tokens/revoke", json!({ "subject": "nobody" })),
        ),
        (
            400,
            Call::post(
                "/tokens/revoke",
                json!({ "user": "carol", "client_id": "added" }),
            ),
        ),
        (200, Call::get("/audit")),
        (
            200,
            Call {
                query: "?since=1&until=2000000&event=user_added&user=carol&limit=1",
                ..Call::get("/audit")
            },
        ),
        (
            400,
            Call {
                query: "?event=nothing",
                ..Call::get("/audit")
            },
        ),
        (
            400,
            Call {
                query: "?user=carol&subject=x",
                ..Call::get("/audit")
            },
        ),
        (
            400,
            Call {
                query: "?unknown=1",
                ..Call::get("/audit")
            },
        ),
        (
            404,
            Call {
                query: "?user=nobody",
                ..Call::get("/audit")
            },
        ),
    ];
    let mut on = |name: &'static str, read_only: &'static str, of: Vec<Call<'static>>| {
        for call in of {
            calls.push((404, call.clone().named("nobody")));
            if call.method != "GET" {
                calls.push((409, call.clone().named(read_only)));
            }
            calls.push((200, call.named(name)));
        }
    };
    on(
        "carol",
        "alice",
        vec![
            Call::post(
                "/users/{username}/password",
                json!({ "password_hash": HASH, "keep_sessions": true }),
            ),
            Call::post("/users/{username}/disable", Value::Null),
            Call::post("/users/{username}/enable", Value::Null),
            Call::get("/users/{username}/families"),
            Call::delete("/users/{username}"),
        ],
    );
    on(
        "added",
        "web",
        vec![
            Call::post(
                "/clients/{client_id}/secret",
                json!({ "overlap_seconds": 60 }),
            ),
            Call::post("/clients/{client_id}/disable", Value::Null),
            Call::post("/clients/{client_id}/enable", Value::Null),
            Call::get("/clients/{client_id}"),
            Call::delete("/clients/{client_id}"),
        ],
    );
    calls
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_that_is_described_is_given_as_it_is_described() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let mut given = BTreeSet::new();
    for (status, call) in calls() {
        let (answered, body) = call.of(&admin).await;
        assert_eq!(answered, status, "{call:?}: {body}");
        given.insert((call.path.to_owned(), call.method.to_owned(), status));
    }
    for (path, method) in operations() {
        let operation = &document()["paths"][&path][method.to_lowercase()];
        for status in operation["responses"].as_object().unwrap().keys() {
            let status = status.parse().unwrap();
            // A name that is no text is all that can be wrong with a path; see below.
            let of_a_name = status == 400 && path.contains('{');
            // It takes as many keys as there may be: the keeper's tests have them.
            let of_many_keys = status == 409 && path == keys::ROTATE;
            if status != 500 && !of_a_name && !of_many_keys {
                let answer = (path.clone(), method.clone(), status);
                assert!(given.contains(&answer), "{answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_name_that_is_no_text_is_refused() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    for (path, method) in operations() {
        if let Some((before, _)) = path.split_once('{') {
            let after = path.split_once('}').unwrap().1;
            let request = format!(
                "{method} {before}%FF{after} HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}"
            );
            let answer = answer_of(&admin, &request).await;
            assert!(answer.starts_with("HTTP/1.0 400 "), "{request}: {answer}");
        }
    }
}

#[tokio::test]
async fn what_another_version_has_is_said_to_be_unknown() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    for (request, says) in [
        ("GET /later", "the running issuer is of version"),
        ("PATCH /users", "does not have the method"),
    ] {
        let answer = answer_of(&admin, &format!("{request} HTTP/1.0\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.0 40"), "{answer}");
        assert!(answer.contains(says), "{answer}");
    }
}

/// Over a real socket.
async fn answer_of(admin: &Admin, request: &str) -> String {
    let dir = TempDir::new();
    let listener = AdminListener::bind(dir.path()).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(listener.serve(router(admin.clone()), async {
        stopped.await.ok();
    }));
    let (at, request) = (dir.path().to_owned(), request.to_owned());
    let answer = tokio::task::spawn_blocking(move || ask(&at, &request)).await;
    drop(stop);
    serving.await.unwrap();
    String::from_utf8(answer.unwrap()).unwrap()
}
