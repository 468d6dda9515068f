//! What clients hear.

use dockgate_policy::Reply;
use serde_json::{Value, json};

use crate::support::*;

#[test]
fn challenges_say_what_a_client_needs_to_know() {
    let policy = policy(|_| {});
    let challenge = |decision: Verdict, reason: &str| {
        let reply = refused(decision, reason);
        (
            reply.answer.status,
            header_of(&reply, "www-authenticate").unwrap().to_owned(),
        )
    };
    let root = "resource_metadata=\"https://api.example/.well-known/oauth-protected-resource\"";
    let mcp = "resource_metadata=\"https://api.example/.well-known/oauth-protected-resource/mcp\"";
    assert_eq!(
        challenge(ask(&policy, "GET", "/data", &[]), "no_credentials"),
        (401, format!("Bearer scope=\"read\", {root}"))
    );
    assert_eq!(
        challenge(ask(&policy, "GET", "/mcp/x", &[]), "no_credentials"),
        (401, format!("Bearer {mcp}"))
    );
    assert_eq!(
        challenge(
            with_token(&policy, "POST", "/data", &good()),
            "insufficient_scope"
        ),
        (
            403,
            format!(
                "Bearer error=\"insufficient_scope\", error_description=\"the access token does not allow this operation\", scope=\"read write\", {root}"
            )
        )
    );
    let (status, text) = challenge(
        ask(&policy, "GET", "/data", &[("authorization", "Bearer a b")]),
        "malformed_credentials",
    );
    assert_eq!(status, 400);
    assert!(
        text.starts_with("Bearer error=\"invalid_request\""),
        "{text}"
    );
    let twice = ask(
        &policy,
        "GET",
        "/data",
        &[("authorization", "Bearer a"), ("Authorization", "Bearer a")],
    );
    assert_eq!(challenge(twice, "several_credentials").0, 400);
}

#[test]
fn protected_resource_metadata_is_served_for_each_resource() {
    let policy = policy(|_| {});
    let document = |target: &str| match ask(&policy, "GET", target, &[]) {
        Verdict::Refused(Reply {
            denial: None,
            answer,
        }) => serde_json::from_str::<Value>(&answer.body).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        document("/.well-known/oauth-protected-resource"),
        json!({
            "resource": "https://api.example",
            "authorization_servers": ["https://issuer.example"],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["read"],
        })
    );
    assert_eq!(
        document("/.well-known/oauth-protected-resource/mcp")["resource"],
        "https://api.example/mcp"
    );
    for target in [
        "/.well-known/oauth-protected-resource/other",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ] {
        assert_eq!(
            refused(ask(&policy, "GET", target, &[]), "no_such_document")
                .answer
                .status,
            404,
            "{target}"
        );
    }
    refused(
        ask(&policy, "GET", "/.well-known/other", &[]),
        "no_credentials",
    );
}

#[test]
fn grpc_callers_get_a_grpc_status_and_a_plain_message() {
    let policy = policy(|_| {});
    let grpc = |content_type: &str| {
        refused(
            ask(&policy, "POST", "/data", &[("content-type", content_type)]),
            "no_credentials",
        )
    };
    for content_type in ["application/grpc", "application/grpc+proto"] {
        let answer = grpc(content_type).answer;
        assert_eq!(
            (answer.grpc_status, answer.body.as_str()),
            (Some(16), "an access token is required")
        );
    }
    assert_eq!(grpc("application/grpc-web").answer.grpc_status, None);
    assert_eq!(grpc("application/grpc;x=y").answer.grpc_status, None);
    assert_eq!(grpc("application/json").answer.grpc_status, None);
}

#[test]
fn pages_may_read_protected_resource_metadata_with_headers_of_their_own() {
    let policy = policy(|_| {});
    let answer = |method: &str| match ask(
        &policy,
        method,
        "/.well-known/oauth-protected-resource",
        &[],
    ) {
        Verdict::Refused(Reply {
            denial: None,
            answer,
        }) => answer,
        other => panic!("{other:?}"),
    };
    let preflight = answer("OPTIONS");
    assert_eq!(preflight.status, 204);
    assert!(
        preflight
            .headers
            .contains(&("access-control-allow-origin", "*".into()))
    );
    assert!(
        preflight
            .headers
            .contains(&("access-control-allow-headers", "*".into()))
    );
    assert_eq!(answer("POST").status, 405);
}

#[test]
fn a_client_hears_of_a_token_what_it_can_do_something_about() {
    let policy = policy(|_| {});
    let cases: [(&str, &str, Mutation); 4] = [
        ("expired", "the access token has expired", |c| {
            c["exp"] = json!(NOW - 60)
        }),
        (
            "wrong_audience",
            "the access token is for another resource",
            |c| c["aud"] = json!("x"),
        ),
        ("unknown_issuer", "the access token is not valid", |c| {
            c["iss"] = json!("x")
        }),
        ("issued_in_future", "the access token is not valid", |c| {
            c["iat"] = json!(NOW + 60)
        }),
    ];
    for (reason, description, mutate) in cases {
        let reply = refused(with_token(&policy, "GET", "/data", &token(mutate)), reason);
        let body: Value = serde_json::from_str(&reply.answer.body).unwrap();
        assert_eq!(
            body,
            json!({"error": "invalid_token", "error_description": description})
        );
        let challenge = header_of(&reply, "www-authenticate").unwrap();
        assert!(
            challenge.contains(&format!("error_description=\"{description}\"")),
            "{challenge}"
        );
        assert_eq!(reply.answer.details, format!("dockgate_{reason}"));
    }
}
