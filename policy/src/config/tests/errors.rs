//! Where a configuration says that its mistake is.

use super::*;

#[test]
fn every_error_names_its_field() {
    check(|c| c["surprise"] = json!(1), "surprise: unknown field");
    check(
        |c| c["issuers"] = json!([]),
        "issuers: name at least one issuer",
    );
    check(
        |c| c["issuers"][0]["audience"] = json!("a"),
        "issuers[0].audience: unknown field",
    );
    check(
        |c| c["issuers"][0]["issuer"] = json!("http://issuer.example"),
        "issuers[0].issuer: an http issuer",
    );
    check(
        |c| c["issuers"][0]["audiences"] = json!([]),
        "issuers[0].audiences: name at least one",
    );
    check(
        |c| c["issuers"][0]["audiences"] = json!([""]),
        "issuers[0].audiences[0]: ",
    );
    check(
        |c| c["issuers"][0]["jwks"]["uri"] = json!("/jwks"),
        "issuers[0].jwks.uri: ",
    );
    check(
        |c| c["issuers"][0]["jwks"]["cluster"] = json!(""),
        "issuers[0].jwks.cluster: ",
    );
    check(
        |c| c["issuers"][0]["jwks"]["refresh_seconds"] = json!(0),
        "issuers[0].jwks.refresh_seconds: ",
    );
    check(
        |c| c["issuers"][0]["jwks"]["refresh_seconds"] = json!("5m"),
        "issuers[0].jwks.refresh_seconds: invalid type",
    );
    check(
        |c| c["issuers"][0]["algorithms"] = json!(["HS256"]),
        "issuers[0].algorithms[0]: unknown variant",
    );
    check(
        |c| c["issuers"][0]["clock_skew_seconds"] = json!(3600),
        "issuers[0].clock_skew_seconds: ",
    );
    check(
        |c| {
            let issuer = c["issuers"][0].clone();
            c["issuers"].as_array_mut().unwrap().push(issuer)
        },
        "issuers[1].issuer: this issuer is already",
    );
    check(
        |c| c["cache"] = json!({"max_entries": 1_000_001}),
        "cache.max_entries: 1000001 is out of range",
    );
    for bytes in [65_535, 1_073_741_825] {
        check(
            |c| c["cache"] = json!({"max_bytes": bytes}),
            "cache.max_bytes: ",
        );
    }
    check(
        |c| {
            let resources = ["https://a.example/mcp", "https://b.example/mcp"];
            let resources = resources.map(|own| json!({ "resource": own }));
            c["protected_resources"] = json!(resources);
        },
        "protected_resources[1].resource: another resource has the same path",
    );
    check(
        |c| c["identity_headers"] = json!({"subject": "path"}),
        "identity_headers.subject: ",
    );
    check(
        |c| c["cache"] = json!({"max_entry": 1}),
        "cache.max_entry: unknown field",
    );
    check(
        |c| c["rules"][0]["path"] = json!("/x"),
        "rules[0]: give exactly one of path, prefix and template",
    );
    check(
        |c| drop(c["rules"][0].as_object_mut().unwrap().remove("prefix")),
        "rules[0]: give exactly one of",
    );
    check(
        |c| drop(c["rules"][0].as_object_mut().unwrap().remove("require")),
        "rules[0]: missing field `require`",
    );
    check(
        |c| c["rules"][0]["prefix"] = json!("api"),
        "rules[0].prefix: a path starts with a slash",
    );
    check(
        |c| c["rules"][0]["prefix"] = json!("/a/../b"),
        "rules[0].prefix: no request can match: the path has a dot segment",
    );
    check(
        |c| c["rules"][0]["prefix"] = json!("/a?b"),
        "rules[0].prefix: ",
    );
    check(
        |c| c["rules"][0]["methods"] = json!(["get"]),
        "rules[0].methods[0]: ",
    );
    check(
        |c| c["rules"][0]["methods"] = json!([]),
        "rules[0].methods: ",
    );
    check(
        |c| c["rules"][0]["require"] = json!("nothing"),
        "rules[0].require: unknown variant",
    );
    check(
        |c| c["rules"][0]["require"] = json!({"all_scopes": []}),
        "rules[0].require.all_scopes: ",
    );
    check(
        |c| c["rules"][0]["require"] = json!({"all_scopes": ["a b"]}),
        "rules[0].require.all_scopes: \"a b\" is not a scope",
    );
    check(
        |c| c["rules"][0]["require"] = json!("passthrough"),
        "rules[0].prefix: a passthrough rule",
    );
    check(
        |c| c["rules"][0] = json!({"path": "/a;b", "require": "public", "allow": ["semicolon"]}),
        "rules[0].allow: a public rule",
    );
    check(
        |c| c["rules"][0]["allow"] = json!(["dots"]),
        "rules[0].allow[0]: unknown variant",
    );
    check(
        |c| c["protected_resources"] = json!([{"resource": "https://x/"}]),
        "protected_resources[0].resource: write the issuer without the slash",
    );
    check(
        |c| c["identity_headers"] = json!({"subject": "x auth"}),
        "identity_headers.subject: ",
    );
    check(
        |c| c["identity_headers"] = json!({"subject": "authorization"}),
        "identity_headers.subject: ",
    );
    check(
        |c| c["identity_headers"] = json!({"subject": "x-a", "issuer": "X_A"}),
        "identity_headers.issuer: ",
    );
    check(
        |c| c["identity_headers"] = json!({"email": "x-a"}),
        "identity_headers.email: unknown field",
    );
    check(|c| c["max_token_bytes"] = json!(0), "max_token_bytes: ");
    check(
        |c| c["filter_state"] = json!(["subject", "subject"]),
        "filter_state[1]: this is already",
    );
    check(
        |c| c["filter_state"] = json!(["email"]),
        "filter_state[0]: unknown variant",
    );
    check(
        |c| c["cors"] = json!({"allow_origins": ["https://a", "https://a/"]}),
        "cors.allow_origins[1]: write the origin as browsers send it",
    );
    check(
        |c| c["cors"] = json!({"allow_origins": ["https://a", "*"]}),
        "cors.allow_origins[1]: ",
    );
    check(
        |c| c["debug_header"] = json!("yes"),
        "debug_header: invalid type",
    );
    check(
        |c| c["unmatched"] = json!("allow"),
        "unmatched: unknown variant",
    );
}

#[test]
fn errors_of_a_rules_requirement_name_their_field() {
    for (require, expected) in [
        (json!({}), "require: give at least one of"),
        (json!({"scopes": ["a"]}), "require.scopes: unknown field"),
        (json!(1), "require: invalid type"),
        (json!({"claims": {}}), "require.claims: name at least one"),
        (json!({"claims": {"a": []}}), "require.claims.a: write a"),
        (json!({"claims": {"a": null}}), "require.claims.a: write a"),
        (
            json!({"claims": {"a": {"b": 1}}}),
            "require.claims.a: write a",
        ),
        (
            json!({"claims": {"a": [1, [2]]}}),
            "require.claims.a: write a",
        ),
        (json!({"claims": {"a": 1e17}}), "require.claims.a: write a"),
        (json!({"claims": {"": 1}}), "require.claims: a claim has a"),
        (json!({"any_scope": []}), "require.any_scope: name at least"),
    ] {
        check(
            |c| c["rules"][0]["require"] = require,
            &format!("rules[0].{expected}"),
        );
    }
    for open in ["public", "passthrough"] {
        check(
            |c| c["rules"][0] = json!({"path": "/a", "require": open, "enforcement": "report"}),
            "rules[0].enforcement: only a rule that requires a token",
        );
    }
    check(
        |c| c["rules"][0]["enforcement"] = json!("off"),
        "rules[0].enforcement: unknown variant",
    );
    // Not for all rules at once.
    check(
        |c| c["enforcement"] = json!("report"),
        "enforcement: unknown field",
    );
}

#[test]
fn errors_of_a_token_profile_name_their_field() {
    for (profile, expected) in [
        (json!({"typ": "JWT"}), "typ: unknown field"),
        (json!({"types": []}), "types: name at least one"),
        (
            json!({"types": ["JWT", "id+jwt"]}),
            "types[1]: this is no type",
        ),
        (
            json!({"types": ["application/DPoP+JWT"]}),
            "types[0]: this is",
        ),
        (json!({"types": [""]}), "types[0]: this is no type"),
        (
            json!({"scope_claims": []}),
            "scope_claims: name at least one",
        ),
        (json!({"client_id_claims": []}), "client_id_claims: name at"),
        (
            json!({"scope_claims": ["a", "a"]}),
            "scope_claims[1]: this claim",
        ),
        (
            json!({"scope_claims": [""]}),
            "scope_claims[0]: a claim has",
        ),
        (
            json!({"audience_claims": ["aud"]}),
            "audience_claims[0]: aud",
        ),
        (
            json!({"optional_claims": ["exp"]}),
            "optional_claims[0]: unknown",
        ),
        (
            json!({"required_claims": {"a": []}}),
            "required_claims.a: write",
        ),
    ] {
        check(
            |c| c["issuers"][0]["token_profile"] = profile,
            &format!("issuers[0].token_profile.{expected}"),
        );
    }
}
