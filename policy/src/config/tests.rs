//! What a configuration means, and what is refused.

use super::*;
use crate::token_profile::TokenProfile;
use serde_json::{Value, json};

mod errors;

fn base() -> Value {
    json!({
        "issuers": [{
            "issuer": "https://issuer.example",
            "audiences": ["api"],
            "jwks": {"cluster": "issuer", "uri": "https://issuer.example/jwks.json"},
        }],
        "rules": [{"prefix": "/api", "require": {"all_scopes": ["read"]}}],
    })
}

fn check(mutate: impl FnOnce(&mut Value), expected: &str) {
    let mut config = base();
    mutate(&mut config);
    let error = Policy::from_json(config.to_string().as_bytes())
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with(expected),
        "expected {expected:?}, got {error:?}"
    );
}

#[test]
fn the_smallest_configuration_has_safe_defaults() {
    let policy = Policy::from_json(br#"{"issuers":[{"issuer":"https://i","audiences":["a"],"jwks":{"cluster":"c","uri":"https://i/k"}}]}"#).unwrap();
    let any_token = Requirement::Token(TokenRequirement::default());
    assert_eq!(policy.unmatched, Some(any_token));
    assert_eq!(policy.cors, CorsPolicy::Off);
    assert!(!policy.debug_header && policy.filter_state.is_empty());
    assert_eq!(policy.issuers()[0].token_profile, TokenProfile::default());
    assert!(!policy.forward_token && policy.bind_resource_path);
    assert_eq!(
        policy.identity_headers.subject.as_deref(),
        Some("x-auth-subject")
    );
    assert_eq!(policy.identity_headers.claims, None);
}

#[test]
fn a_template_is_read_segment_by_segment() {
    let with = |template: &str| {
        let mut config = base();
        config["rules"] = json!([{"template": template, "require": "token"}]);
        Policy::from_json(config.to_string().as_bytes())
    };
    assert!(with("/users/{id}/notes").is_ok());
    assert!(with("/{a}").is_ok());
    for bad in [
        "/users/{id",
        "/users/id}",
        "/users/{}",
        "/users/x{id}",
        "/users/{a}{b}",
        "users/{id}",
    ] {
        let error = with(bad).unwrap_err().to_string();
        assert!(error.starts_with("rules[0].template: "), "{bad}: {error}");
    }
}

#[test]
fn a_key_sets_uri_gives_host_and_path() {
    let with = |uri: &str| {
        let mut config = base();
        config["issuers"][0]["jwks"]["uri"] = json!(uri);
        let policy = Policy::from_json(config.to_string().as_bytes())?;
        let JwksSource::Remote(RemoteJwks {
            location: JwksLocation::Uri(Location { authority, path }),
            ..
        }) = policy.issuers()[0].jwks.clone()
        else {
            panic!("it has a URI");
        };
        Ok::<_, ConfigError>((authority, path))
    };
    let parts = with("http://issuer:9000/a/jwks?x=y").unwrap();
    assert_eq!(parts, ("issuer:9000".to_owned(), "/a/jwks?x=y".to_owned()));
    for authority in [
        "a",
        "a:443",
        "a:80",
        "a:8443",
        "[::1]",
        "[::1]:443",
        "[::1]:80",
    ] {
        for scheme in ["https", "http"] {
            let parts = with(&format!("{scheme}://{authority}/k")).unwrap();
            assert_eq!(parts, (authority.to_owned(), "/k".to_owned()));
        }
    }
    for bad in [
        "https://issuer",
        "https:///jwks",
        "https://a b/jwks",
        "https://a/j w",
        "ftp://a/b",
        "https://a@b/jwks",
        "https://a:b@c/jwks",
        "https://a:/jwks",
        "https://a:0x50/jwks",
        "https://a:80:443/jwks",
        "https://a:443:80/jwks",
        "https://a:443:443/jwks",
        "https://a:80:8443/jwks",
        "https://:443/jwks",
        "https://a:99999/jwks",
        "https://a?b/jwks",
        "https://a\\b/jwks",
        "https://a%2eb/jwks",
        "https://a/jwks#x",
        "",
    ] {
        assert!(with(bad).is_err(), "{bad}");
    }
}

#[test]
fn other_issuers_are_named_as_they_name_themselves() {
    for issuer in [
        "https://tenant.auth0.example/",
        "https://keycloak.example/realms/my%20realm",
        "https://login.example/v2.0//x",
    ] {
        let mut config = base();
        config["issuers"][0]["issuer"] = json!(issuer);
        let policy = Policy::from_json(config.to_string().as_bytes()).unwrap();
        assert!(policy.issuer(issuer).is_some(), "{issuer}");
    }
    for issuer in [
        "http://x/",
        "https://x/?a",
        "https://x/a b",
        "https://",
        "x",
    ] {
        check(
            |c| c["issuers"][0]["issuer"] = json!(issuer),
            "issuers[0].issuer: ",
        );
    }
}

#[test]
fn a_protobuf_struct_is_read_like_its_json() {
    let json = base();
    let bytes = protobuf_struct::from_json(&json);
    let policy = Policy::from_plugin_configuration(&bytes).unwrap();
    assert_eq!(
        policy.issuers()[0].identifier.as_str(),
        "https://issuer.example"
    );
    Policy::from_plugin_configuration(format!("\n  {json}").as_bytes()).unwrap();
    let error =
        Policy::from_plugin_configuration(&protobuf_struct::from_json(&json!({"issuers": 1})))
            .unwrap_err();
    assert!(
        error.to_string().starts_with("issuers: invalid type"),
        "{error}"
    );
}

#[test]
fn what_is_no_json_object_is_an_error_too() {
    for json in ["", "[]", "{} {}", "{", r#"{"rules":[],"rules":[]}"#] {
        assert!(Policy::from_json(json.as_bytes()).is_err(), "{json:?}");
    }
}
