//! Scope, lifetime and target: within those of the subject token.

use super::*;

#[test]
fn nothing_grows_by_an_exchange() {
    let untouched = |_: &mut AccessTokenClaims| {};
    // All that subject, client and target share; scopes of OpenID Connect stay behind.
    let claims = exchanged(untouched, &[]).unwrap();
    assert_eq!(claims.scope.to_string(), "api:read api:write");
    // The lifetime is the shorter one.
    let claims = exchanged(|claims| claims.exp = NOW + 100_000, &[]).unwrap();
    assert_eq!(claims.exp, NOW + 600);
    let claims = exchanged(|claims| claims.exp = NOW + 1, &[]).unwrap();
    assert_eq!(claims.exp, NOW + 1);
    let read = |claims: &mut AccessTokenClaims| claims.scope = "api:read".parse().unwrap();
    for (scope, excess) in [
        ("api:write", "api:write"),
        ("api:read api:admin", "api:admin"),
        ("openid", "openid"),
        ("bill", "bill"),
        ("unknown", "unknown"),
    ] {
        let refused = exchanged(read, &[("scope", scope)]).unwrap_err();
        assert_eq!(
            refused,
            GrantError::ScopeNotAllowed(excess.to_owned()).into()
        );
        assert_eq!(refused.wire().error, "invalid_scope");
    }
    let none = |claims: &mut AccessTokenClaims| claims.scope = "api:admin openid".parse().unwrap();
    let refused = exchanged(none, &[]).unwrap_err();
    assert_eq!(refused, GrantError::NoCommonScope.into());
    assert_eq!(refused.wire().error, "invalid_scope");
}

#[test]
fn what_the_user_may_no_longer_have_is_not_in_an_exchanged_token() {
    let mut fixture = fixture();
    let subject = sign(&fixture, &users_claims(&fixture));
    let mut user = alice(&fixture).clone();
    user.scope = "api:read".parse().unwrap();
    fixture.server.users = [user].into_iter().collect();
    let claims = ask(&fixture, &subject, &[]).unwrap().claims;
    assert_eq!(claims.scope.to_string(), "api:read");
    assert!(ask(&fixture, &subject, &[("scope", "api:write")]).is_err());
}

#[test]
fn a_target_has_to_be_listed_for_the_client_and_be_one() {
    let allow_billing = |fixture: &mut Fixture| {
        let clients = &mut fixture.server.clients;
        let gateway = clients.get_mut(&"gateway".parse().unwrap()).unwrap();
        gateway.exchange_audiences.push("billing".to_owned());
    };
    let not_allowed: OAuthError = ExchangeError::AudienceNotAllowed.into();
    let mixed: OAuthError = ExchangeError::MixedTargets.into();
    for (extra, expected) in [
        (vec![("audience", "billing")], &not_allowed),
        (vec![("resource", BILLING)], &not_allowed),
        (vec![("audience", "elsewhere")], &not_allowed),
        (vec![("audience", MCP)], &not_allowed),
        (
            vec![("audience", "api-gateway"), ("audience", "billing")],
            &mixed,
        ),
        (
            vec![("audience", "api-gateway"), ("resource", BILLING)],
            &mixed,
        ),
        (
            vec![("resource", MCP), ("resource", BILLING)],
            &GrantError::UnknownResource.into(),
        ),
        (
            vec![("resource", "https://evil.example")],
            &GrantError::UnknownResource.into(),
        ),
    ] {
        let fixture = fixture();
        let subject = sign(&fixture, &users_claims(&fixture));
        let refused = ask(&fixture, &subject, &extra).unwrap_err();
        assert_eq!(refused, *expected, "{extra:?}");
        assert_eq!(refused.wire().error, "invalid_target");
    }
    let mut fixture = fixture();
    allow_billing(&mut fixture);
    let subject = sign(&fixture, &users_claims(&fixture));
    for extra in [
        vec![("audience", "billing")],
        vec![("audience", "billing"), ("audience", "billing")],
        vec![("audience", "billing"), ("resource", BILLING)],
        vec![("resource", BILLING)],
    ] {
        let issuance = ask(&fixture, &subject, &extra).unwrap();
        assert!(issuance.claims.aud.contains("billing"), "{extra:?}");
        assert!(!issuance.claims.aud.contains("api-gateway"));
        assert_eq!(issuance.claims.scope.to_string(), "api:read", "shared");
        assert_eq!(issuance.algorithm, dockgate_token::Algorithm::ES256);
    }
    let refused = ask(
        &fixture,
        &subject,
        &[("audience", "billing"), ("scope", "bill")],
    );
    let excess = GrantError::ScopeNotAllowed("bill".to_owned());
    assert_eq!(refused.err(), Some(excess.into()), "the subject has it not");
}

#[test]
fn a_token_for_some_resources_is_exchanged_for_no_others() {
    let bound = |claims: &mut AccessTokenClaims| {
        claims.aud = Audience::Many(vec!["api-gateway".to_owned(), MCP.to_owned()]);
    };
    let audience = |extra: &[(&str, &str)]| {
        let claims = exchanged(bound, extra)?;
        Ok::<_, OAuthError>(claims.aud.iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let below = format!("{MCP}/tools");
    assert_eq!(audience(&[]).unwrap(), ["api-gateway", MCP]);
    let named = audience(&[("audience", "api-gateway")]);
    assert_eq!(named.unwrap(), ["api-gateway", MCP]);
    let named = audience(&[("resource", &below)]);
    assert_eq!(named.unwrap(), ["api-gateway", &below]);
    for resource in ["http://localhost:8080", "http://localhost:8080/other"] {
        let refused = audience(&[("resource", resource)]).unwrap_err();
        assert_eq!(refused, GrantError::ResourceNotGranted.into());
        assert_eq!(refused.wire().error, "invalid_target");
    }
    // Without a bound, naming one makes one.
    let claims = exchanged(|_| {}, &[("resource", MCP)]).unwrap();
    assert!(claims.aud.contains(MCP));
}
