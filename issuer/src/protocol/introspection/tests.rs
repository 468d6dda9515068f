use serde_json::{Value, json};

use super::*;
use crate::keys::TokenKind;
use crate::protocol::fixture::tokens::{ALICE, Issued, issued};
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::token_endpoint;
use crate::store::{SecretDigest, SledStore};

const WEB: &str = "client_id=web&client_secret=web-secret";
const GATEWAY: &str = "client_id=gateway&client_secret=gateway-secret";
const SERVICE: &str = "client_id=service&client_secret=service-secret";

fn try_ask(context: Context<'_, SledStore>, body: &str) -> Result<Value, OAuthError> {
    let request = ClientRequest {
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    let answer = block_on(respond(context, &request));
    answer
        .map(|(_, answer)| serde_json::to_value(answer).unwrap())
        .map_err(|refusal| refusal.error)
}

fn ask(context: Context<'_, SledStore>, client: &str, token: &str) -> Value {
    try_ask(context, &format!("{client}&token={token}")).unwrap()
}

fn inactive() -> Value {
    json!({ "active": false })
}

#[test]
fn a_live_access_token_is_described_to_its_client_and_to_the_guard_of_its_audience() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let Issued {
        access_token,
        issuance,
        ..
    } = issued(context, "web", "openid api:read");
    let expected = json!({
        "active": true,
        "scope": issuance.claims.scope,
        "client_id": "web",
        "token_type": "Bearer",
        "exp": NOW + 600,
        "iat": NOW,
        "sub": ALICE,
        "aud": "api-gateway",
        "iss": "http://localhost:8080",
        "jti": issuance.claims.jti,
        "auth_time": NOW - 5,
    });
    for client in [WEB, GATEWAY] {
        assert_eq!(ask(context, client, &access_token), expected, "{client}");
    }
    assert_eq!(ask(context, SERVICE, &access_token), inactive());
}

#[test]
fn the_actor_is_told_and_resources_are_part_of_the_audience() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let mut claims = issued(context, "web", "api:read").issuance.claims;
    claims.act = Some(Actor {
        sub: "gateway".to_owned(),
        act: None,
    });
    let both = ["api-gateway", "http://localhost:8080/mcp"].map(str::to_owned);
    claims.aud = Audience::Many(both.to_vec());
    let algorithm = dockgate_token::Algorithm::RS256;
    let token = context
        .keys
        .sign(TokenKind::AccessToken, algorithm, &claims)
        .unwrap();
    let answer = ask(context, GATEWAY, &token);
    assert_eq!(answer["act"], json!({ "sub": "gateway" }));
    assert_eq!(answer["aud"], json!(both));
}

#[test]
fn a_token_is_dead_when_the_client_that_another_acts_for_is_gone() {
    let mut fixture = Fixture::demo();
    let mut claims = issued(fixture.context(), "gateway", "api:read")
        .issuance
        .claims;
    claims.grant_id = None;
    claims.sub = "service".to_owned();
    let algorithm = dockgate_token::Algorithm::RS256;
    let keys = fixture.context().keys;
    let token = keys
        .sign(TokenKind::AccessToken, algorithm, &claims)
        .unwrap();
    assert_eq!(ask(fixture.context(), GATEWAY, &token)["active"], true);
    fixture.server.clients.remove(&"service".parse().unwrap());
    assert_eq!(ask(fixture.context(), GATEWAY, &token), inactive());
}

#[test]
fn anything_else_is_inactive_and_no_more_is_said() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let tokens = issued(context, "web", "openid api:read");
    let access = tokens.access_token.as_str();
    for nothing in [
        "x",
        "a.b.c",
        access.split_at(1).1,
        access.split_at(access.len() - 2).0,
        &tokens.id_token,
        &"A".repeat(86),
        &"A".repeat(40_000),
    ] {
        assert_eq!(ask(context, WEB, nothing), inactive(), "{nothing:.20}");
    }
    assert_eq!(ask(fixture.at(NOW + 600), WEB, access), inactive());
    let jti = SecretDigest::of(tokens.issuance.claims.jti.as_bytes());
    block_on(fixture.store.revoke(jti, NOW + 600)).unwrap();
    assert_eq!(ask(context, WEB, access), inactive());
    let other = issued(context, "web", "api:read");
    block_on(fixture.store.remove_grant(other.grant)).unwrap();
    assert_eq!(ask(context, WEB, &other.access_token), inactive());
}

#[test]
fn the_audience_of_another_resource_server_is_not_the_gateways() {
    let mut fixture = Fixture::demo();
    let gateway = fixture.server.clients.get_mut(&"gateway".parse().unwrap());
    gateway.unwrap().introspect_audiences = vec!["other".to_owned(), "api".to_owned()];
    let context = fixture.context();
    let tokens = issued(context, "web", "api:read");
    assert_eq!(ask(context, GATEWAY, &tokens.access_token), inactive());
}

#[test]
fn a_refresh_token_is_described_to_its_own_client_while_it_is_current() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let tokens = issued(context, "web", "openid api:read offline_access");
    let token = &tokens.refresh_token;
    let expected = json!({
        "active": true,
        "scope": tokens.issuance.claims.scope,
        "client_id": "web",
        "exp": NOW + context.server.lifetimes.refresh_idle,
        "sub": ALICE,
        "aud": "api-gateway",
        "iss": "http://localhost:8080",
        "auth_time": NOW - 5,
    });
    assert_eq!(ask(context, WEB, token), expected);
    assert_eq!(ask(context, GATEWAY, token), inactive());
    let mut forged = token.clone().into_bytes();
    forged[40] ^= 1;
    assert_eq!(
        ask(context, WEB, std::str::from_utf8(&forged).unwrap()),
        inactive()
    );
    let body = format!("{WEB}&grant_type=refresh_token&refresh_token={token}");
    let request = ClientRequest {
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    let next = block_on(token_endpoint::respond(context, &request)).unwrap();
    let next = next.refresh_token.unwrap();
    assert_eq!(ask(context, WEB, token), inactive());
    assert_eq!(ask(context, WEB, next.expose()), expected);
    let ended = fixture.at(NOW + context.server.lifetimes.refresh_idle);
    assert_eq!(ask(ended, WEB, next.expose()), inactive());
}

#[test]
fn only_a_client_that_authenticates_is_answered() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let tokens = issued(context, "spa", "api:read");
    let id = |text: &str| text.parse::<ClientId>().unwrap();
    for (client, error) in [
        ("", ClientAuthenticationError::None),
        (
            "client_id=spa",
            ClientAuthenticationError::PublicClient(id("spa")),
        ),
        (
            "client_id=gateway",
            ClientAuthenticationError::SecretMissing(id("gateway")),
        ),
        (
            "client_id=gateway&client_secret=x",
            ClientAuthenticationError::WrongSecret(id("gateway")),
        ),
    ] {
        let body = format!("{client}&token={}", tokens.access_token);
        let refused = try_ask(context, &body).unwrap_err();
        assert_eq!(refused, error.into(), "{client}");
        assert_eq!(refused.wire().status, 401, "{client}");
    }
}

#[test]
fn the_hint_changes_nothing_and_the_token_is_required() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let tokens = issued(context, "web", "api:read");
    for token in [&tokens.access_token, &tokens.refresh_token] {
        for hint in ["access_token", "refresh_token", "saml2", ""] {
            let body = format!("{WEB}&token={token}&token_type_hint={hint}&foo=bar");
            assert_eq!(try_ask(context, &body).unwrap()["active"], true, "{hint}");
        }
    }
    for body in [WEB.to_owned(), format!("{WEB}&token=")] {
        let missing = RequestError::Missing("token").into();
        assert_eq!(try_ask(context, &body), Err(missing));
    }
}
