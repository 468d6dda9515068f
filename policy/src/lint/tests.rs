use super::*;
use serde_json::{Value, json};

fn fields(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let advice = advice(change).into_iter();
    advice.map(|advice| advice.field).collect()
}

fn advice(change: impl FnOnce(&mut Value)) -> Vec<Advice> {
    let mut config = json!({
        "issuers": [{"issuer": "https://a", "audiences": ["a"],
                     "jwks": {"cluster": "c", "uri": "https://a/k"}}],
        "protected_resources": [{"resource": "https://api", "scopes_supported": ["r", "w"]}],
        "rules": [{"prefix": "/data", "methods": ["GET"], "require": {"all_scopes": ["r"]}}],
        "unmatched": "deny",
    });
    change(&mut config);
    let policy = Policy::from_json(config.to_string().as_bytes()).unwrap();
    lint(&policy)
}

#[test]
fn a_tight_configuration_gets_no_advice() {
    assert_eq!(fields(|_| {}), [""; 0]);
}

#[test]
fn rules_that_never_decide_are_found() {
    for (rule, shadowed) in [
        (
            json!({"path": "/data", "methods": ["GET"], "require": "token"}),
            true,
        ),
        (
            json!({"prefix": "/data/1", "methods": ["GET"], "require": "token"}),
            true,
        ),
        (
            json!({"template": "/data/{id}", "methods": ["GET"], "require": "token"}),
            false,
        ),
        (
            json!({"prefix": "/data", "methods": ["GET", "PUT"], "require": "token"}),
            false,
        ),
        (json!({"prefix": "/data", "require": "token"}), false),
        (
            json!({"prefix": "/dat", "methods": ["GET"], "require": "token"}),
            false,
        ),
    ] {
        let found = fields(|config| {
            config["rules"].as_array_mut().unwrap().push(rule.clone());
            config["unmatched"] = json!("deny");
        });
        assert_eq!(found == ["rules[1]"], shadowed, "{rule}: {found:?}");
    }
}

#[test]
fn each_loosening_is_named() {
    let open = Weight::Open;
    let look = Weight::Advice;
    for (place, value, expected) in [
        ("/unmatched", json!("require_token"), (open, "unmatched")),
        ("/forward_token", json!(true), (look, "forward_token")),
        (
            "/bind_resource_path",
            json!(false),
            (look, "bind_resource_path"),
        ),
        ("/debug_header", json!(true), (look, "debug_header")),
        (
            "/protected_resources",
            json!([]),
            (look, "protected_resources"),
        ),
        (
            "/cors",
            json!({"allow_origins": ["https://a"]}),
            (open, "cors.allow_origins"),
        ),
        (
            "/cors",
            json!({"allow_origins": ["*"]}),
            (look, "cors.allow_origins"),
        ),
        (
            "/rules",
            json!([{"prefix": "/", "require": "public"}]),
            (look, "rules[0].prefix"),
        ),
        (
            "/rules",
            json!([{"path": "/a", "require": "public"}]),
            (open, "rules[0].require"),
        ),
        (
            "/rules",
            json!([{"path": "/a", "require": "passthrough"}]),
            (open, "rules[0].require"),
        ),
        (
            "/rules",
            json!([{"prefix": "/a", "require": {"any_scope": ["x"]}}]),
            (look, "rules[0].require"),
        ),
        (
            "/rules/0/enforcement",
            json!("report"),
            (look, "rules[0].enforcement"),
        ),
        (
            "/rules/0/allow",
            json!(["encoded_slash"]),
            (look, "rules[0].allow"),
        ),
        (
            "/rules/0/allow",
            json!(["semicolon"]),
            (look, "rules[0].allow"),
        ),
        (
            "/rules/0/allow",
            json!(["non_ascii"]),
            (look, "rules[0].allow"),
        ),
        (
            "/rules/0/allow",
            json!(["non_utf8"]),
            (look, "rules[0].allow"),
        ),
        (
            "/issuers/0/issuer",
            json!("http://localhost"),
            (look, "issuers[0].issuer"),
        ),
        (
            "/issuers/0/clock_skew_seconds",
            json!(31),
            (look, "issuers[0].clock_skew_seconds"),
        ),
    ] {
        check(place, value, expected);
    }
}

#[test]
fn each_loosening_of_a_profile_or_of_keys_is_named() {
    for (setting, value) in [
        ("types", json!(["JWT"])),
        ("types", json!(["at+jwt", null])),
        ("scope_claims", json!(["scp"])),
        ("scope_as_array", json!(true)),
        ("audience_claims", json!(["azp"])),
        ("client_id_claims", json!(["azp"])),
        ("optional_claims", json!(["sub"])),
        ("optional_claims", json!(["client_id"])),
        ("optional_claims", json!(["iat"])),
        ("optional_claims", json!(["jti"])),
        ("forbidden_claims", json!(["nonce"])),
    ] {
        let field = format!("issuers[0].token_profile.{setting}");
        check(
            "/issuers/0/token_profile",
            json!({setting: value}),
            (Weight::Advice, &field),
        );
    }
    let key =
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    for (jwks, setting) in [
        (json!({"inline": {"keys": [key]}}), "inline"),
        (
            json!({"cluster": "c", "discover": true, "allow_authorities": ["b"]}),
            "allow_authorities",
        ),
        (
            json!({"cluster": "c", "uri": "https://a/k", "refresh_seconds": 301}),
            "refresh_seconds",
        ),
        (
            json!({"cluster": "c", "uri": "https://a/k", "max_stale_seconds": 86_401}),
            "max_stale_seconds",
        ),
    ] {
        let field = format!("issuers[0].jwks.{setting}");
        check("/issuers/0/jwks", jwks, (Weight::Advice, &field));
    }
}

#[test]
fn an_exact_path_beside_an_open_rest_may_be_spelled_otherwise() {
    let found = fields(|config| {
        config["rules"] = json!([{"path": "/a", "require": "token"}]);
        config["unmatched"] = json!("require_token");
    });
    assert_eq!(found, ["unmatched", "unmatched"]);
}

/// A tight configuration but for one value gets one piece of advice.
#[track_caller]
fn check(place: &str, value: Value, expected: (Weight, &str)) {
    let (parent, member) = place.rsplit_once('/').unwrap();
    let shown = format!("{place} {value}");
    let found = advice(|config| config.pointer_mut(parent).unwrap()[member] = value);
    let found: Vec<_> = found.iter().map(|own| (own.weight, &*own.field)).collect();
    assert_eq!(found, [expected], "{shown}");
}
