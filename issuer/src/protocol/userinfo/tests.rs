use serde_json::{Value, json};

use super::*;
use crate::protocol::RequestError;
use crate::protocol::fixture::tokens::{ALICE, issued, signed};
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::token_endpoint;
use crate::store::SecretDigest;
use crate::store::SledStore;

fn ask(context: Context<'_, SledStore>, token: &str) -> Result<Value, OAuthError> {
    let header = format!("Bearer {token}");
    let request = ClientRequest {
        authorization: vec![header.as_bytes()],
        ..ClientRequest::default()
    };
    let answer = block_on(respond(context, &request));
    answer
        .map(|answer| Value::Object(answer.claims))
        .map_err(|refusal| refusal.error)
}

#[test]
fn claims_follow_the_scope_of_the_token() {
    let fixture = Fixture::demo();
    for (scope, expected) in [
        ("openid", json!({})),
        ("openid api:read offline_access", json!({})),
        ("openid profile", json!({ "name": "Alice Liddell" })),
        (
            "openid email",
            json!({ "email": "alice@example.com", "email_verified": true }),
        ),
        (
            "openid phone",
            json!({ "phone_number": "+441865000000", "phone_number_verified": false }),
        ),
        (
            "openid address",
            json!({ "address": { "formatted": "Christ Church, Oxford OX1 1DP" } }),
        ),
    ] {
        let tokens = issued(fixture.context(), "web", scope);
        let mut expected = expected;
        expected["sub"] = ALICE.into();
        let claims = ask(fixture.context(), &tokens.access_token);
        assert_eq!(claims, Ok(expected), "{scope}");
    }
}

#[test]
fn a_claim_that_the_user_does_not_have_is_left_out() {
    let mut fixture = Fixture::demo();
    let mut alice = fixture.server.users.by_subject(ALICE).unwrap().clone();
    alice.profile = crate::protocol::UserProfile {
        name: Some(String::new()),
        nickname: Some("Al".to_owned()),
        email_verified: true,
        phone_number_verified: true,
        ..Default::default()
    };
    fixture.server.users = [alice].into_iter().collect();
    let all = "openid profile email phone address";
    let tokens = issued(fixture.context(), "web", all);
    assert_eq!(
        ask(fixture.context(), &tokens.access_token),
        Ok(json!({ "sub": ALICE, "nickname": "Al" }))
    );
}

#[test]
fn what_is_no_live_access_token_of_ours_is_invalid() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let tokens = issued(context, "web", "openid");
    let access = tokens.access_token.as_str();
    let altered = format!("{}x", access.split_at(access.len() - 1).0);
    for bad in [
        "x",
        "a.b.c",
        access.split_at(1).1,
        &altered,
        &tokens.id_token,
        &tokens.refresh_token,
    ] {
        let refused = ask(context, bad);
        assert_eq!(refused, Err(BearerError::InvalidToken.into()), "{bad}");
    }
    let ended = ask(fixture.at(NOW + 600), access);
    assert_eq!(ended, Err(BearerError::InvalidToken.into()));
    assert!(ask(fixture.at(NOW + 599), access).is_ok());
}

#[test]
fn a_token_of_another_issuer_with_our_keys_is_invalid() {
    let fixture = Fixture::demo();
    let mut other = Fixture::demo();
    other.server.issuer = "http://localhost:8081".parse().unwrap();
    let tokens = issued(other.context(), "web", "openid");
    assert_eq!(
        ask(fixture.context(), &tokens.access_token),
        Err(BearerError::InvalidToken.into())
    );
}

#[test]
fn a_token_that_was_revoked_or_whose_grant_user_or_client_is_gone_is_invalid() {
    let invalid = || Err(BearerError::InvalidToken.into());
    let mut fixture = Fixture::demo();
    let first = issued(fixture.context(), "web", "openid");
    let second = issued(fixture.context(), "web", "openid");
    let jti = SecretDigest::of(first.issuance.claims.jti.as_bytes());
    block_on(fixture.store.revoke(jti, NOW + 600)).unwrap();
    assert_eq!(ask(fixture.context(), &first.access_token), invalid());
    assert!(ask(fixture.context(), &second.access_token).is_ok());
    block_on(fixture.store.remove_grant(second.grant)).unwrap();
    assert_eq!(ask(fixture.context(), &second.access_token), invalid());
    let third = issued(fixture.context(), "web", "openid");
    let users = std::mem::take(&mut fixture.server.users);
    assert_eq!(ask(fixture.context(), &third.access_token), invalid());
    fixture.server.users = users;
    fixture.server.clients.remove(&"web".parse().unwrap());
    assert_eq!(ask(fixture.context(), &third.access_token), invalid());
}

#[test]
fn without_openid_the_scope_is_insufficient() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let insufficient = || Err(BearerError::InsufficientScope("openid").into());
    let user = issued(context, "web", "api:read profile email");
    assert_eq!(ask(context, &user.access_token), insufficient());
    let request = ClientRequest {
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: b"grant_type=client_credentials&client_id=service&client_secret=service-secret",
        ..ClientRequest::default()
    };
    let service = block_on(token_endpoint::respond(context, &request)).unwrap();
    let (service, ..) = signed(context, &service);
    assert_eq!(ask(context, &service), insufficient());
}

#[test]
fn a_token_for_any_audience_will_do() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let mut tokens = issued(context, "web", "openid");
    tokens.issuance.claims.aud =
        dockgate_token::Audience::Many(vec!["http://localhost:8080/mcp".to_owned()]);
    let (token, ..) = signed(context, &tokens.issuance);
    assert!(ask(context, &token).is_ok());
}

#[test]
fn challenges_say_what_rfc_6750_asks_for() {
    let challenge = |error: BearerError| error.challenge();
    assert_eq!(
        challenge(BearerError::NoToken),
        r#"Bearer realm="dockgate""#
    );
    for (error, status, expected) in [
        (BearerError::InvalidToken, 401, r#" error="invalid_token""#),
        (
            BearerError::SeveralTokens,
            400,
            r#" error="invalid_request""#,
        ),
        (
            RequestError::ParameterInQuery("access_token").into(),
            400,
            r#" error="invalid_request""#,
        ),
        (
            BearerError::InsufficientScope("openid"),
            403,
            r#" error="insufficient_scope""#,
        ),
    ] {
        assert_eq!(OAuthError::from(error.clone()).wire().status, status);
        assert!(challenge(error.clone()).contains(expected), "{error:?}");
    }
    assert!(challenge(BearerError::InsufficientScope("openid")).ends_with(r#", scope="openid""#));
}
