use serde_json::json;

use super::*;
use crate::keys::tests::{ISSUER, remote};

const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn keys() -> String {
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": X}]}).to_string()
}

fn metadata(issuer: &str, jwks_uri: &str) -> String {
    json!({"issuer": issuer, "jwks_uri": jwks_uri, "token_endpoint": "x"}).to_string()
}

fn discovering() -> RemoteJwks {
    remote(json!({"discover": true, "allow_authorities": ["keys.example:8443"]}))
}

fn answered(source: &RemoteJwks, step: &FetchStep, status: &str, body: &str) -> FetchOutcome {
    let headers: [(&[u8], &[u8]); 2] = [
        (b":status", status.as_bytes()),
        (b"cache-control", b"max-age=77"),
    ];
    step.answered(
        source,
        Some(CallAnswer {
            headers: &headers,
            body: body.as_bytes(),
        }),
    )
}

#[track_caller]
fn next(outcome: FetchOutcome) -> FetchStep {
    match outcome {
        FetchOutcome::Next(step) => step,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn fault(outcome: FetchOutcome) -> FetchFault {
    match outcome {
        FetchOutcome::Failed(fault) => fault,
        other => panic!("{other:?}"),
    }
}

fn url(source: &RemoteJwks, step: &FetchStep) -> String {
    let location = step.location(source).unwrap();
    format!("{}{}", location.authority, location.path)
}

#[test]
fn a_configured_uri_is_one_call() {
    let source = remote(json!({}));
    let step = FetchStep::first(&source);
    assert_eq!(url(&source, &step), "issuer.example/keys");
    match answered(&source, &step, "200", &keys()) {
        FetchOutcome::Fetched(fetched) => {
            assert_eq!(fetched.keys.keys().len(), 1);
            assert_eq!(fetched.lifetime, Some(77));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn whatever_is_not_a_200_with_keys_is_a_failure() {
    let source = remote(json!({}));
    let step = FetchStep::first(&source);
    assert_eq!(fault(step.answered(&source, None)), FetchFault::NoAnswer);
    for status in [
        "204", "301", "302", "304", "401", "404", "500", "503", "", "2000",
    ] {
        let outcome = answered(&source, &step, status, &keys());
        assert!(matches!(fault(outcome), FetchFault::Status(_)), "{status}");
    }
    let deep = format!(
        "{{\"keys\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let long = "x".repeat(CallAnswer::MAX_BODY_BYTES + 1);
    for body in ["", "<html>", "{\"keys\":[]}", "{\"keys\":{}}", &deep, &long] {
        let outcome = answered(&source, &step, "200", body);
        assert!(matches!(fault(outcome), FetchFault::Jwks(_)), "{body:.20}");
    }
}

#[test]
fn metadata_is_asked_for_by_rfc_8414_and_then_by_openid_connect() {
    let source = discovering();
    let oauth = FetchStep::first(&source);
    assert_eq!(
        url(&source, &oauth),
        "issuer.example/.well-known/oauth-authorization-server/realm"
    );
    let found = next(answered(
        &source,
        &oauth,
        "200",
        &metadata(ISSUER, "https://issuer.example/a/keys"),
    ));
    assert_eq!(url(&source, &found), "issuer.example/a/keys");
    assert!(matches!(
        answered(&source, &found, "200", &keys()),
        FetchOutcome::Fetched(_)
    ));
    for (status, body) in [
        ("404", ""),
        ("200", "<html>"),
        ("200", &*metadata("https://x", "x")),
    ] {
        let openid = next(answered(&source, &oauth, status, body));
        assert_eq!(
            url(&source, &openid),
            "issuer.example/realm/.well-known/openid-configuration"
        );
        let outcome = answered(&source, &openid, "404", "");
        assert_eq!(of_openid(outcome), FetchFault::Status("404".to_owned()));
    }
}

#[test]
fn a_failed_discovery_says_what_was_wrong_with_each_document() {
    let source = discovering();
    let other = metadata("https://issuer.example", "https://issuer.example/keys");
    let openid = next(answered(&source, &FetchStep::first(&source), "200", &other));
    let said = fault(answered(&source, &openid, "404", "")).to_string();
    assert_eq!(
        said,
        "oauth-authorization-server: the metadata's issuer is not the configured one, byte for byte; \
         openid-configuration: the answer has status 404"
    );
}

/// What is wrong with the second document.
#[track_caller]
fn of_openid(outcome: FetchOutcome) -> FetchFault {
    match fault(outcome) {
        FetchFault::Metadata { openid, .. } => *openid,
        other => panic!("{other:?}"),
    }
}

#[test]
fn metadata_of_another_issuer_or_with_keys_elsewhere_is_refused() {
    let source = discovering();
    let openid = next(FetchStep::first(&source).answered(&source, None));
    let refused = |body: &str| of_openid(answered(&source, &openid, "200", body));
    let good = "https://issuer.example/keys";
    for issuer in [
        "https://issuer.example/realm/",
        "https://issuer.example",
        "https://ISSUER.example/realm",
        "",
    ] {
        assert_eq!(
            refused(&metadata(issuer, good)),
            FetchFault::OtherIssuer,
            "{issuer}"
        );
    }
    for uri in [
        "https://elsewhere.example/keys",
        "https://issuer.example.elsewhere.example/keys",
        "https://issuer.example@elsewhere.example/keys",
        "https://issuer.example:8443/keys",
        "https://keys.example/keys",
        "http://issuer.example/keys",
        "http://keys.example:8443/keys",
        "http://169.254.169.254/keys",
        "https://issuer.example/k eys",
        "https://issuer.example/keys#x",
        "https://issuer.example",
        "file:///etc/passwd",
        "/keys",
        "",
    ] {
        assert_eq!(
            refused(&metadata(ISSUER, uri)),
            FetchFault::JwksUri,
            "{uri}"
        );
    }
    assert_eq!(
        refused(&json!({"issuer": ISSUER}).to_string()),
        FetchFault::JwksUri
    );
    let twice = format!(r#"{{"issuer":"{ISSUER}","issuer":"{ISSUER}","jwks_uri":"{good}"}}"#);
    let long = metadata(ISSUER, good) + &" ".repeat(CallAnswer::MAX_BODY_BYTES);
    for body in ["", "[]", &twice, &long] {
        assert_eq!(refused(body), FetchFault::NotMetadata, "{body:.20}");
    }
    for uri in [
        good,
        "https://ISSUER.example/k?x=y",
        "https://keys.example:8443/keys",
    ] {
        next(answered(&source, &openid, "200", &metadata(ISSUER, uri)));
    }
}
