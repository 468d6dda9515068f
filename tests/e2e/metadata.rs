//! Documents that clients discover the rest by.

use dockgate_tests::demo;
use dockgate_tests::http::{Request, get};

#[test]
fn both_metadata_documents_are_the_same_and_name_this_issuer() {
    let stack = demo();
    let oauth = get("/.well-known/oauth-authorization-server").send(stack.ports().http);
    let openid = get("/.well-known/openid-configuration").send(stack.ports().http);
    assert_eq!((oauth.status, openid.status), (200, 200));
    let metadata = oauth.json();
    assert_eq!(metadata["issuer"], stack.base_url());
    assert_eq!(
        metadata["token_endpoint"],
        format!("{}/token", stack.base_url())
    );
    assert_eq!(
        metadata["jwks_uri"],
        format!("{}/.well-known/jwks.json", stack.base_url())
    );
    assert_eq!(oauth.body, openid.body);
    // What an OpenID provider has to say (OIDC Discovery §3) and what clients look for.
    for (member, value) in [
        ("response_types_supported", "code"),
        ("response_modes_supported", "form_post"),
        ("grant_types_supported", "authorization_code"),
        ("subject_types_supported", "public"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("scopes_supported", "openid"),
        ("claims_supported", "sub"),
        (
            "token_endpoint_auth_methods_supported",
            "client_secret_basic",
        ),
        ("code_challenge_methods_supported", "S256"),
    ] {
        let values = metadata[member].as_array().unwrap();
        assert!(
            values.iter().any(|own| own == value),
            "{member}: {values:?}"
        );
    }
    let methods = &metadata["code_challenge_methods_supported"];
    assert_eq!(methods, &serde_json::json!(["S256"]));
    for (member, value) in [
        ("authorization_response_iss_parameter_supported", true),
        ("claims_parameter_supported", false),
        ("request_parameter_supported", false),
        ("request_uri_parameter_supported", false),
    ] {
        assert_eq!(metadata[member], value, "{member}");
    }
}

#[test]
fn every_endpoint_in_the_metadata_answers() {
    let stack = demo();
    let metadata = get("/.well-known/oauth-authorization-server")
        .send(stack.ports().http)
        .json();
    let path = |url: &serde_json::Value| {
        url.as_str()
            .unwrap()
            .strip_prefix(&stack.base_url())
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        get(path(&metadata["jwks_uri"]))
            .send(stack.ports().http)
            .status,
        200
    );
    let members = metadata.as_object().unwrap().iter();
    let mut seen = 0;
    for (name, url) in members.filter(|(name, _)| name.ends_with("_endpoint")) {
        // Browsers meet pages, not JSON.
        if matches!(
            name.as_str(),
            "authorization_endpoint" | "end_session_endpoint"
        ) {
            let page = get(path(url)).send(stack.ports().http);
            assert!(matches!(page.status, 200 | 400), "{name}: {}", page.status);
            assert!(page.text().contains("<html"), "{name}");
            seen += 1;
            continue;
        }
        let response = Request::new("POST", path(url)).send(stack.ports().http);
        assert!(
            matches!(response.status, 400 | 401),
            "{name}: {}",
            response.status
        );
        assert!(
            response.json()["error"].is_string(),
            "{name}: an OAuth error"
        );
        seen += 1;
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn the_keys_are_public_cacheable_and_readable_from_any_page() {
    let stack = demo();
    let response = get("/.well-known/jwks.json")
        .header("origin", "https://any.example")
        .send(stack.ports().http);
    assert_eq!(response.status, 200);
    assert!(
        response
            .header("cache-control")
            .unwrap()
            .contains("max-age=")
    );
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    let jwks = response.json();
    let keys = jwks["keys"].as_array().unwrap();
    let mut algorithms: Vec<&str> = keys
        .iter()
        .map(|key| key["alg"].as_str().unwrap())
        .collect();
    algorithms.sort_unstable();
    assert_eq!(algorithms, ["ES256", "EdDSA", "RS256"]);
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(private), None);
        }
    }
}

#[test]
fn protected_resource_metadata_leads_to_the_issuer() {
    let stack = demo();
    let document = |path: &str| get(path).send(stack.ports().http);
    let root = document("/.well-known/oauth-protected-resource");
    assert_eq!(root.status, 200);
    assert_eq!(root.json()["resource"], stack.base_url());
    assert_eq!(root.json()["authorization_servers"][0], stack.base_url());
    assert_eq!(
        document("/.well-known/oauth-protected-resource/mcp").json()["resource"],
        format!("{}/mcp", stack.base_url())
    );
    assert_eq!(
        document("/.well-known/oauth-protected-resource/other").status,
        404
    );
    assert_eq!(document("/.well-known/openid-federation").status, 404);
}
