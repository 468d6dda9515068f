//! Tokens for other tokens: never more than the first could do.

use dockgate_token::{AccessTokenClaims, Audience};

use super::*;
use crate::keys::TokenKind;
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::resource_server::{ResourceServer, ScopeDescription};
use crate::protocol::signer::token;
use crate::protocol::{Grant, ResourceUri, User};
use crate::store::{GrantId, SecretDigest, StoredGrant};

mod narrowing;
mod parties;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const MCP: &str = "http://localhost:8080/mcp";
const BILLING: &str = "https://billing.example/v1";

/// The demo with a second API, `billing`, that shares the scope `api:read`, and a gateway that may
/// have more.
fn fixture() -> Fixture {
    let mut fixture = Fixture::demo();
    let server = &mut fixture.server;
    let describe = |name: &str| ScopeDescription {
        name: name.to_owned(),
        description: String::new(),
        descriptions: Default::default(),
    };
    server.resource_servers.push(ResourceServer {
        audience: "billing".to_owned(),
        resources: vec![ResourceUri::parse(BILLING).unwrap()],
        scopes: ["api:read", "bill"].map(describe).into(),
        default_scope: Scope::empty(),
        signing_algorithm: dockgate_token::Algorithm::ES256,
    });
    let gateway = server.clients.get_mut(&"gateway".parse().unwrap()).unwrap();
    gateway.scope = "api:read api:write bill openid".parse().unwrap();
    gateway.grants.insert(Grant::ClientCredentials);
    let mut second = gateway.clone();
    second.id = "second".parse().unwrap();
    server.clients.insert(second.id.clone(), second);
    let mut public = server.client("tv").unwrap().clone();
    public.grants.insert(Grant::TokenExchange);
    public.id = "public".parse().unwrap();
    server.clients.insert(public.id.clone(), public);
    fixture
}

fn alice(fixture: &Fixture) -> &User {
    fixture.server.users.by_name("alice").unwrap()
}

fn grant_of_alice() -> GrantId {
    GrantId::from_bytes([9; 16])
}

/// The claims of a token of alice's, whose grant is on record.
fn users_claims(fixture: &Fixture) -> AccessTokenClaims {
    let login = Login {
        at: NOW - 50,
        methods: vec!["pwd".to_owned()],
    };
    let subject = &alice(fixture).subject;
    let scope: Scope = "api:read api:write api:admin openid".parse().unwrap();
    let client_id = "web".parse().unwrap();
    let grant = StoredGrant {
        expires_at: NOW + 10_000,
        client_id,
        subject: subject.clone(),
        scope: scope.clone(),
        audience: "api-gateway".to_owned(),
        resources: vec![],
        login: login.clone(),
        session: None,
        granted_at: NOW - 50,
        refresh: None,
    };
    block_on(fixture.store.add_grant(grant_of_alice(), &grant)).unwrap();
    let token = AccessToken {
        client_id: &grant.client_id,
        subject,
        scope,
        audience: "api-gateway",
        resources: &[],
        grant: Some((grant_of_alice(), &login)),
        act: None,
        not_after: Some(NOW + 300),
    };
    token.claims(fixture.context()).unwrap()
}

fn sign(fixture: &Fixture, claims: &AccessTokenClaims) -> String {
    let keys = fixture.context().keys;
    let algorithm = dockgate_token::Algorithm::RS256;
    keys.sign(TokenKind::AccessToken, algorithm, claims)
        .unwrap()
}

fn basic(client: &str) -> String {
    let credentials = format!("{client}:gateway-secret");
    let engine = &base64::engine::general_purpose::STANDARD;
    format!("Basic {}", base64::Engine::encode(engine, credentials))
}

fn ask_as(
    fixture: &Fixture,
    client: &str,
    subject_token: &str,
    extra: &[(&str, &str)],
) -> Result<Issuance, OAuthError> {
    let mut form = vec![
        ("grant_type", GRANT),
        ("subject_token", subject_token),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    form.extend(extra);
    token(fixture.context(), Some(&basic(client)), &form)
}

fn ask(
    fixture: &Fixture,
    subject_token: &str,
    extra: &[(&str, &str)],
) -> Result<Issuance, OAuthError> {
    ask_as(fixture, "gateway", subject_token, extra)
}

/// What an exchange of a token of alice's with this change to its claims comes to.
fn exchanged(
    change: impl FnOnce(&mut AccessTokenClaims),
    extra: &[(&str, &str)],
) -> Result<AccessTokenClaims, OAuthError> {
    let fixture = fixture();
    let mut claims = users_claims(&fixture);
    change(&mut claims);
    let issuance = ask(&fixture, &sign(&fixture, &claims), extra);
    issuance.map(|issuance| issuance.claims)
}

#[test]
fn an_exchanged_token_is_the_subjects_and_says_who_acts() {
    let fixture = fixture();
    let subject = users_claims(&fixture);
    let extra = [("audience", "api-gateway"), ("scope", "api:read")];
    let issuance = ask(&fixture, &sign(&fixture, &subject), &extra).unwrap();
    assert_eq!(issuance.issued_token_type, Some(ACCESS_TOKEN));
    assert_eq!(
        (&issuance.refresh_token, &issuance.id_token),
        (&None, &None)
    );
    assert_eq!(issuance.expires_in, 300);
    let claims = issuance.claims;
    assert_eq!(claims.sub, subject.sub);
    assert_eq!(claims.client_id.as_str(), "gateway");
    assert_eq!(claims.scope.to_string(), "api:read");
    assert_eq!(claims.aud, Audience::One("api-gateway".to_owned()));
    assert_eq!((claims.exp, claims.iat), (subject.exp, NOW));
    assert_eq!(claims.grant_id, subject.grant_id);
    assert_eq!(
        (claims.auth_time, &claims.amr),
        (Some(NOW - 50), &subject.amr)
    );
    assert_ne!(claims.jti, subject.jti);
    let act = Actor {
        sub: "gateway".to_owned(),
        act: None,
    };
    assert_eq!(claims.act, Some(act));
}

#[test]
fn parameters_are_those_of_rfc_8693_section_2_1() {
    let fixture = fixture();
    let subject = sign(&fixture, &users_claims(&fixture));
    let refresh = "urn:ietf:params:oauth:token-type:refresh_token";
    let malformed = |name| OAuthError::from(RequestError::Malformed(name));
    for (extra, expected) in [
        (
            vec![("requested_token_type", refresh)],
            malformed("requested_token_type"),
        ),
        (vec![("actor_token", "x")], malformed("actor_token")),
        (vec![("actor_token_type", JWT)], malformed("actor_token")),
        (
            vec![("actor_token", "x"), ("actor_token_type", refresh)],
            malformed("actor_token_type"),
        ),
    ] {
        let refused = ask(&fixture, &subject, &extra).unwrap_err();
        assert_eq!(refused, expected, "{extra:?}");
        assert_eq!(refused.wire().error, "invalid_request");
    }
    let plain = |form: &[(&str, &str)]| {
        let grant = std::iter::once(&("grant_type", GRANT));
        let form: Vec<_> = grant.chain(form).copied().collect();
        token(fixture.context(), Some(&basic("gateway")), &form)
    };
    let token = ("subject_token", subject.as_str());
    for (form, expected) in [
        (
            vec![("subject_token_type", JWT)],
            RequestError::Missing("subject_token").into(),
        ),
        (
            vec![token],
            RequestError::Missing("subject_token_type").into(),
        ),
        (
            vec![token, ("subject_token_type", refresh)],
            malformed("subject_token_type"),
        ),
    ] {
        assert_eq!(plain(&form).unwrap_err(), expected, "{form:?}");
    }
    let issuance = plain(&[token, ("subject_token_type", JWT)]).unwrap();
    assert_eq!(issuance.issued_token_type, Some(ACCESS_TOKEN));
    let issuance = ask(&fixture, &subject, &[("requested_token_type", JWT)]).unwrap();
    assert_eq!(issuance.issued_token_type, Some(JWT));
}
