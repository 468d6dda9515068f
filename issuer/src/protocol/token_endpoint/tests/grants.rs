//! Scope, audience, and which grants there are.

use super::*;

#[test]
fn a_service_gets_a_token_for_itself() {
    let issuance = service("scope=api:write+api:read").unwrap();
    let claims = issuance.claims;
    assert_eq!(
        (claims.iss.as_str(), claims.sub.as_str()),
        ("https://as.example", "service")
    );
    assert_eq!(
        (claims.iat, claims.exp, issuance.expires_in),
        (NOW, NOW + 600, 600)
    );
    assert_eq!(claims.client_id.as_str(), "service");
    assert_eq!(claims.jti.len(), 22, "128 bits");
    assert_eq!(claims.aud, Audience::One("api".to_owned()));
    assert_eq!(claims.scope.to_string(), "api:write api:read");
    assert_eq!(issuance.algorithm, Algorithm::RS256);
}

#[test]
fn no_scope_asked_gives_the_default_and_empty_counts_as_none() {
    for extra in ["", "scope=", "scope=+"] {
        assert_eq!(
            service(extra).unwrap().claims.scope.to_string(),
            "api:read",
            "{extra:?}"
        );
    }
}

#[test]
fn a_client_that_may_have_none_of_the_default_has_to_ask() {
    let header = basic("a+b%3Ac:p%25%2B+%3A");
    assert_eq!(
        authenticated(&[&header], ""),
        Err(GrantError::NoDefaultScope.into())
    );
    assert!(authenticated(&[&header], "scope=api:write").is_ok());
}

#[test]
fn scopes_are_given_whole_or_not_at_all() {
    for (scope, reason) in [
        (
            "api:admin",
            GrantError::ScopeNotAllowed("api:admin".to_owned()),
        ),
        (
            "api:read+api:admin",
            GrantError::ScopeNotAllowed("api:admin".to_owned()),
        ),
        ("api:read+unknown", GrantError::ScopeNotOfResource),
        ("api:read+other:x", GrantError::ScopeNotOfResource),
        ("openid", GrantError::ScopeNotOfResource),
        ("API:READ", GrantError::ScopeNotOfResource),
        ("api:read%00", GrantError::MalformedScope),
        ("api%22read", GrantError::MalformedScope),
        ("%C3%A9", GrantError::MalformedScope),
    ] {
        let refused = service(&format!("scope={scope}")).unwrap_err();
        assert_eq!(refused.wire().error, "invalid_scope", "{scope}");
        assert_eq!(refused, reason.into(), "{scope}");
    }
}

#[test]
fn the_scope_chooses_the_resource_server_where_no_resource_is_named() {
    let issuance = service("scope=other:x").unwrap();
    assert_eq!(issuance.claims.aud, Audience::One("other".to_owned()));
    assert_eq!(issuance.algorithm, Algorithm::ES256);
}

#[test]
fn a_named_resource_is_in_the_audience_beside_its_resource_server() {
    for (resource, audience) in [
        ("https://api.example", vec!["api", "https://api.example"]),
        (
            "https://api.example/mcp",
            vec!["api", "https://api.example/mcp"],
        ),
        (
            "https://api.example/mcp/tools",
            vec!["api", "https://api.example/mcp/tools"],
        ),
        (
            "https://api.example/mcp&resource=https://api.example/mcp",
            vec!["api", "https://api.example/mcp"],
        ),
        (
            "https://api.example/a&resource=https://api.example/b",
            vec!["api", "https://api.example/a", "https://api.example/b"],
        ),
        (
            "https://other.example/v1/x",
            vec!["other", "https://other.example/v1/x"],
        ),
    ] {
        let claims = service(&format!("resource={resource}")).unwrap().claims;
        assert_eq!(claims.aud.iter().collect::<Vec<_>>(), audience);
    }
}

#[test]
fn a_resource_that_is_none_of_ours_is_refused() {
    for resource in [
        "https://evil.example",
        "https://other.example",
        "https://other.example/v11",
        "https://api.example.evil.example/",
        "http://api.example",
        "https://api.example/&resource=https://other.example/v1",
        "https://api.example/%23x",
        "https://api.example/mcp/../x",
        "https://API.example/",
        "/mcp",
        "api",
    ] {
        let refused = service(&format!("resource={resource}")).unwrap_err();
        assert_eq!(refused.wire().error, "invalid_target", "{resource}");
    }
}

#[test]
fn a_scope_of_another_resource_server_does_not_go_with_a_resource() {
    let refused = service("resource=https://api.example&scope=other:x");
    assert_eq!(refused, Err(GrantError::ScopeNotOfResource.into()));
}

#[test]
fn a_grant_is_refused_as_unknown_unserved_or_not_this_clients() {
    let with_grant = |grant: &str, header: &str| {
        let body = format!("grant_type={grant}&client_id=");
        let refused = ask(&[basic(header)], None, Some(FORM), body.as_bytes()).unwrap_err();
        (refused.error.wire().error, refused.error)
    };
    use GrantError::*;
    for (grant, header, code, reason) in [
        (
            "",
            "service:s3cret",
            "invalid_request",
            OAuthError::from(RequestError::Missing("grant_type")),
        ),
        (
            "magic",
            "service:s3cret",
            "unsupported_grant_type",
            UnknownGrantType.into(),
        ),
        (
            "CLIENT_CREDENTIALS",
            "service:s3cret",
            "unsupported_grant_type",
            UnknownGrantType.into(),
        ),
        (
            "implicit",
            "service:s3cret",
            "unsupported_grant_type",
            NotServed(Grant::Implicit).into(),
        ),
        (
            "client_credentials",
            "web:web",
            "unauthorized_client",
            NotAllowed(Grant::ClientCredentials).into(),
        ),
        (
            "client_credentials",
            "spa:",
            "unauthorized_client",
            NotAllowed(Grant::ClientCredentials).into(),
        ),
        (
            "client_credentials",
            "odd:",
            "unauthorized_client",
            PublicClient.into(),
        ),
    ] {
        assert_eq!(
            with_grant(grant, header),
            (code, reason),
            "{grant} {header}"
        );
    }
}

#[test]
fn a_grant_that_no_client_has_is_not_served() {
    let mut server = server();
    for client in server.clients.values_mut() {
        client.grants.clear();
    }
    assert!(!server.serves(Grant::ClientCredentials));
}
