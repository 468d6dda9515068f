use serde_json::{Value, json};

use super::*;
use crate::Policy;

const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn key(kid: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": X})
}

fn source(issuer: &str, jwks: Value) -> Result<JwksSource, String> {
    let issuer = json!({"issuer": issuer, "audiences": ["api"], "jwks": jwks});
    let config = json!({ "issuers": [issuer] }).to_string();
    Policy::from_json(config.as_bytes())
        .map(|policy| policy.issuers()[0].jwks.clone())
        .map_err(|error| error.to_string())
}

#[track_caller]
fn refused(jwks: Value, expected: &str) {
    let error = source("https://issuer.example", jwks).unwrap_err();
    assert!(
        error.starts_with(expected),
        "expected {expected:?}, got {error:?}"
    );
}

#[test]
fn exactly_one_source_is_named() {
    let uri = "https://issuer.example/keys";
    let one = "issuers[0].jwks: give exactly one of uri, discover and inline";
    refused(json!({"cluster": "c"}), one);
    refused(json!({"cluster": "c", "uri": uri, "discover": true}), one);
    refused(
        json!({"cluster": "c", "uri": uri, "inline": {"keys": []}}),
        one,
    );
    refused(json!({"uri": uri}), "issuers[0].jwks.cluster: ");
    refused(json!({"discover": true}), "issuers[0].jwks.cluster: ");
    refused(
        json!({"cluster": "c", "uri": uri, "allow_authorities": ["a"]}),
        "issuers[0].jwks.allow_authorities: ",
    );
}

#[test]
fn inline_keys_are_text_or_an_object() {
    let set = json!({"keys": [key("a"), key("b")]});
    for inline in [set.clone(), json!(set.to_string())] {
        match source("https://issuer.example", json!({ "inline": inline })) {
            Ok(JwksSource::Inline(keys)) => assert_eq!(keys.keys().len(), 2),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_bad_inline_set_is_an_error_and_so_is_each_bad_key() {
    let mut private = key("b");
    private["d"] = json!("AAAA");
    let mut namesake = key("a");
    namesake["x"] = json!("PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw");
    for (inline, expected) in [
        (json!(1), ": write the JWKS as JSON text"),
        (json!("<html>"), ": the document is not"),
        (json!({"keys": []}), ": no key in the document"),
        (
            json!({"keys": [key("a"), private]}),
            ".keys[1]: it is private",
        ),
        (
            json!({"keys": [key("a"), namesake, key("b")]}),
            ".keys[0]: another key",
        ),
        (
            json!({"keys": [{"kty": "oct", "k": "AA"}, key("a")]}),
            ".keys[0]: it is private",
        ),
    ] {
        refused(
            json!({ "inline": inline }),
            &format!("issuers[0].jwks.inline{expected}"),
        );
    }
    let set = json!({"keys": [key("a")]});
    for (field, value) in [
        ("cluster", json!("c")),
        ("refresh_seconds", json!(60)),
        ("max_stale_seconds", json!(60)),
        ("allow_authorities", json!(["a"])),
    ] {
        refused(
            json!({"inline": set, field: value}),
            &format!("issuers[0].jwks.{field}: inline keys are not fetched"),
        );
    }
}

#[test]
fn metadata_is_looked_for_where_the_standards_say() {
    for (issuer, oauth, openid) in [
        (
            "https://i.example",
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
        ),
        (
            "https://i.example/",
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
        ),
        (
            "https://i.example/a/b",
            "/.well-known/oauth-authorization-server/a/b",
            "/a/b/.well-known/openid-configuration",
        ),
    ] {
        match source(issuer, json!({"cluster": "c", "discover": true})) {
            Ok(JwksSource::Remote(RemoteJwks {
                location: JwksLocation::Discovered(found),
                ..
            })) => {
                assert_eq!(
                    (found.oauth.path, found.openid.path),
                    (oauth.into(), openid.into())
                );
                assert_eq!(found.oauth.authority, "i.example");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn bounds_depend_on_each_other() {
    let with = |mut jwks: Value| {
        jwks["cluster"] = json!("c");
        jwks["uri"] = json!("https://issuer.example/keys");
        jwks
    };
    match source(
        "https://issuer.example",
        with(json!({"refresh_seconds": 10})),
    ) {
        Ok(JwksSource::Remote(remote)) => assert_eq!(remote.min_refresh_seconds, 10),
        other => panic!("{other:?}"),
    }
    for (jwks, field) in [
        (json!({"refresh_seconds": 9}), "refresh_seconds"),
        (json!({"min_refresh_seconds": 301}), "min_refresh_seconds"),
        (json!({"min_refresh_seconds": 9}), "min_refresh_seconds"),
        (json!({"max_stale_seconds": 299}), "max_stale_seconds"),
        (json!({"timeout_milliseconds": 0}), "timeout_milliseconds"),
    ] {
        refused(with(jwks), &format!("issuers[0].jwks.{field}: "));
    }
    for bad in ["https://a", "a/b", "", "a b"] {
        refused(
            json!({"cluster": "c", "discover": true, "allow_authorities": ["good.example", bad]}),
            "issuers[0].jwks.allow_authorities[1]: ",
        );
    }
}
