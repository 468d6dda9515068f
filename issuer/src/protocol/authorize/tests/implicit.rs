//! The implicit grant (RFC 6749 §4.2), for clients that have it.

use dockgate_token::AccessTokenClaims;

use super::*;
use crate::keys::TokenKind;
use crate::store::GrantStore as _;

fn implicit(changes: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("client_id", "legacy-spa"),
        ("redirect_uri", "http://127.0.0.1:5000/callback"),
        ("response_type", "token"),
    ];
    all.extend(changes);
    query(&all)
}

#[test]
fn a_token_comes_in_the_fragment_with_its_grant_on_record() {
    let fixture = fixture();
    let alice = session(ALICE, 1, NOW - 10);
    let response = allow(&fixture, &implicit(&[]), &alice, "api:read").unwrap();
    assert_eq!(response.mode, ResponseMode::Fragment);
    let location = response.location();
    assert!(location.starts_with("http://127.0.0.1:5000/callback#access_token="));
    for (name, value) in [
        ("token_type", "Bearer"),
        ("expires_in", "600"),
        ("scope", "api:read"),
        ("state", "a state"),
        ("iss", "http://localhost:8080"),
    ] {
        assert_eq!(parameter(&response, name), Some(value));
    }
    for name in ["refresh_token", "id_token", "code"] {
        assert_eq!(parameter(&response, name), None);
    }
    let token = parameter(&response, "access_token").unwrap();
    assert!(!format!("{response:?}").contains(token), "does not print");
    let context = fixture.context();
    let payload = context.keys.payload(TokenKind::AccessToken, token).unwrap();
    let claims: AccessTokenClaims = serde_json::from_slice(&payload).unwrap();
    assert_eq!(
        (claims.sub.as_str(), claims.client_id.as_str()),
        (ALICE, "legacy-spa")
    );
    let grants = block_on(fixture.store.grants_of(ALICE, NOW)).unwrap();
    let [(id, grant)] = grants.as_slice() else {
        panic!("{grants:?}")
    };
    assert_eq!(presented_token::grant_id(&claims), Some(*id));
    assert!(grant.refresh.is_none() && grant.session == Some(alice.id));
    assert_eq!(grant.expires_at, NOW + 600);
}

#[test]
fn there_is_no_refresh_token_and_no_id_token_for_a_client_that_has_other_grants_too() {
    let mut fixture = fixture();
    let web = fixture
        .server
        .clients
        .get_mut(&"web".parse().unwrap())
        .unwrap();
    web.grants.insert(Grant::Implicit);
    let alice = session(ALICE, 1, NOW - 10);
    let query = query(&[("response_type", "token"), ("scope", "openid api:read")]);
    let response = allow(&fixture, &query, &alice, "api:read").unwrap();
    assert_eq!(parameter(&response, "scope"), Some("openid api:read"));
    assert_eq!(parameter(&response, "id_token"), None);
    let grants = block_on(fixture.store.grants_of(ALICE, NOW)).unwrap();
    assert!(grants.iter().all(|(_, grant)| grant.refresh.is_none()));
}

#[test]
fn a_token_never_gets_into_a_query() {
    let fixture = fixture();
    let query = implicit(&[("response_mode", "query")]);
    let refused = redirected(read_query(&fixture, &query).unwrap_err());
    assert_eq!(
        refused.reason,
        RequestError::Malformed("response_mode").into()
    );
    assert_eq!(refused.response.mode, ResponseMode::Fragment);
    let posted = implicit(&[("response_mode", "form_post")]);
    assert!(read_query(&fixture, &posted).is_ok());
    let code = implicit(&[
        ("response_type", "code"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let refused = redirected(read_query(&fixture, &code).unwrap_err());
    assert_eq!(
        refused.reason,
        AuthorizationError::ResponseTypeNotAllowed.into()
    );
}
