use super::*;
use serde_json::{Value, json};

fn fields(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut config = json!({
        "issuers": [{"issuer": "https://a", "audiences": ["a"],
                     "jwks": {"cluster": "c", "uri": "https://a/k"}}],
        "protected_resources": [{"resource": "https://api", "scopes_supported": ["r", "w"]}],
        "rules": [{"prefix": "/data", "methods": ["GET"], "require": {"all_scopes": ["r"]}}],
    });
    change(&mut config);
    let policy = Policy::from_json(config.to_string().as_bytes()).unwrap();
    lint(&policy)
        .into_iter()
        .map(|advice| advice.field)
        .collect()
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
    for (field, value, named) in [
        ("forward_token", json!(true), "forward_token"),
        ("bind_resource_path", json!(false), "bind_resource_path"),
        ("protected_resources", json!([]), "protected_resources"),
        (
            "rules",
            json!([{"prefix": "/", "require": "public"}]),
            "rules[0].prefix",
        ),
        (
            "rules",
            json!([{"path": "/a", "require": "token"}]),
            "unmatched",
        ),
        (
            "rules",
            json!([{"prefix": "/a", "require": {"any_scope": ["x"]}}]),
            "rules[0].require",
        ),
    ] {
        assert_eq!(
            fields(|config| config[field] = value.clone()),
            [named],
            "{field}"
        );
    }
    for (field, value, named) in [
        (
            "cors",
            json!({"allow_origins": ["*"]}),
            "cors.allow_origins",
        ),
        ("debug_header", json!(true), "debug_header"),
    ] {
        assert_eq!(fields(|config| config[field] = value.clone()), [named]);
    }
    let reporting = fields(|config| config["rules"][0]["enforcement"] = json!("report"));
    assert_eq!(reporting, ["rules[0].enforcement"]);
    for (setting, value) in [
        ("types", json!(["JWT"])),
        ("audience_claims", json!(["azp"])),
        ("optional_claims", json!(["sub"])),
        ("forbidden_claims", json!(["nonce"])),
    ] {
        let found =
            fields(|config| config["issuers"][0]["token_profile"] = json!({setting: value}));
        assert_eq!(found, [format!("issuers[0].token_profile.{setting}")]);
    }
    let loopback = fields(|config| config["issuers"][0]["issuer"] = json!("http://localhost"));
    assert_eq!(loopback, ["issuers[0].issuer"]);
}
