use serde_json::{Value, json};

use super::*;
use crate::protocol::fixture::Fixture;

fn of(server: &AuthorizationServer) -> Value {
    serde_json::to_value(Metadata::of(server)).unwrap()
}

#[test]
fn every_endpoint_is_below_the_issuer() {
    let mut server = Fixture::demo().server;
    server.issuer = "https://api.example/auth".parse().unwrap();
    let document = of(&server);
    for (name, path) in [
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("introspection_endpoint", "/introspect"),
        ("revocation_endpoint", "/revoke"),
        ("end_session_endpoint", "/logout"),
        ("device_authorization_endpoint", "/device_authorization"),
        ("jwks_uri", "/.well-known/jwks.json"),
    ] {
        assert_eq!(document[name], format!("https://api.example/auth{path}"));
    }
}

#[test]
fn what_no_client_has_is_not_named() {
    let mut server = Fixture::demo().server;
    server.clients.retain(|id| id.as_str() == "service");
    let document = of(&server);
    assert_eq!(document["device_authorization_endpoint"], Value::Null);
    assert_eq!(
        document["grant_types_supported"],
        json!(["client_credentials"])
    );
    let methods = &document["token_endpoint_auth_methods_supported"];
    assert!(!methods.as_array().unwrap().contains(&json!("none")));
}

#[test]
fn public_clients_name_themselves_everywhere_but_at_introspection() {
    let document = of(&Fixture::demo().server);
    for (endpoint, expected) in [
        ("token", true),
        ("revocation", true),
        ("introspection", false),
    ] {
        let methods = &document[format!("{endpoint}_endpoint_auth_methods_supported")];
        let methods = methods.as_array().unwrap();
        assert!(
            methods.contains(&json!("client_secret_basic")),
            "{endpoint}"
        );
        assert_eq!(methods.contains(&json!("none")), expected, "{endpoint}");
    }
}

#[test]
fn openid_clients_find_what_discovery_requires() {
    let mut server = Fixture::demo().server;
    let document = of(&server);
    assert_eq!(document["subject_types_supported"], json!(["public"]));
    assert_eq!(
        document["id_token_signing_alg_values_supported"],
        json!(["RS256"])
    );
    let scopes = document["scopes_supported"].as_array().unwrap();
    for scope in ["openid", "offline_access", "api:read", "api:admin"] {
        assert!(scopes.contains(&json!(scope)), "{scope}");
    }
    let claims = document["claims_supported"].as_array().unwrap();
    for claim in ["sub", "auth_time", "name", "email_verified", "address"] {
        assert!(claims.contains(&json!(claim)), "{claim}");
    }
    let web = server.clients.get_mut(&"web".parse().unwrap());
    web.unwrap().id_token_algorithm = Algorithm::ES256;
    assert_eq!(
        of(&server)["id_token_signing_alg_values_supported"],
        json!(["ES256", "RS256"])
    );
}
