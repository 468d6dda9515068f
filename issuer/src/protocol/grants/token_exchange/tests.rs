//! Tokens for other tokens: never more than the first could do.

use dockgate_token::{AccessTokenClaims, Audience};

use super::*;
use crate::keys::TokenKind;
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::resource_server::{ResourceServer, ScopeDescription};
use crate::protocol::signer::token;
use crate::protocol::{Grant, ResourceUri, User};
use crate::store::{GrantId, SecretDigest, StoredGrant};

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

#[test]
fn a_subject_token_that_is_not_alive_is_an_invalid_request() {
    let invalid: Option<OAuthError> = Some(ExchangeError::InvalidSubjectToken.into());
    type Change = fn(&mut AccessTokenClaims);
    let changes: Vec<Change> = vec![
        |claims| claims.exp = NOW,
        |claims| claims.client_id = "gone".parse().unwrap(),
        |claims| claims.sub = "user-9k2w7hn5tr".to_owned(),
        |claims| claims.grant_id = Some("AAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        |claims| claims.grant_id = Some("x".to_owned()),
        // Of no grant, and about nobody who is a client.
        |claims| claims.grant_id = None,
        |claims| claims.iss = "https://other.example".parse().unwrap(),
    ];
    for change in changes {
        let refused = exchanged(change, &[]).err();
        assert_eq!(refused, invalid);
        let wire = refused.unwrap().wire();
        assert_eq!((wire.status, wire.error), (400, "invalid_request"));
    }
    let fixture = fixture();
    let claims = users_claims(&fixture);
    let good = sign(&fixture, &claims);
    let keys = fixture.context().keys;
    let algorithm = dockgate_token::Algorithm::RS256;
    let id_token = keys.sign(TokenKind::IdToken, algorithm, &claims).unwrap();
    let cut = good.strip_suffix(|_: char| true).unwrap();
    for text in ["x", "..", cut, &id_token] {
        assert_eq!(ask(&fixture, text, &[]).err(), invalid, "{text}");
    }
    assert!(ask(&fixture, &good, &[]).is_ok());
    // By name, and with its grant.
    let jti = SecretDigest::of(claims.jti.as_bytes());
    block_on(fixture.store.revoke_token(jti, claims.exp)).unwrap();
    assert_eq!(ask(&fixture, &good, &[]).err(), invalid);
    let other = sign(&fixture, &users_claims(&fixture));
    let issued = ask(&fixture, &other, &[]).unwrap().claims;
    let issued = sign(&fixture, &issued);
    assert!(ask(&fixture, &issued, &[]).is_ok(), "once more");
    block_on(fixture.store.remove_grant(grant_of_alice())).unwrap();
    assert_eq!(ask(&fixture, &other, &[]).err(), invalid);
    assert_eq!(ask(&fixture, &issued, &[]).err(), invalid);
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

#[test]
fn the_actor_is_the_client_or_whom_its_own_token_names() {
    let fixture = fixture();
    let subject = sign(&fixture, &users_claims(&fixture));
    let own = |client: &str| {
        let form = [("grant_type", "client_credentials"), ("scope", "api:read")];
        let issuance = token(fixture.context(), Some(&basic(client)), &form);
        issuance.unwrap().claims
    };
    let with = |actor: &str| {
        let extra = [("actor_token", actor), ("actor_token_type", ACCESS_TOKEN)];
        ask(&fixture, &subject, &extra)
    };
    let claims = own("gateway");
    let issued = with(&sign(&fixture, &claims)).unwrap().claims;
    assert_eq!(issued.act.unwrap().sub, "gateway");
    for (actor, reason) in [
        ("x".to_owned(), ExchangeError::InvalidActorToken),
        (
            sign(&fixture, &own("second")),
            ExchangeError::ActorTokenOfOther,
        ),
        (subject.clone(), ExchangeError::ActorTokenOfOther),
        (
            sign(&fixture, &ask(&fixture, &subject, &[]).unwrap().claims),
            ExchangeError::DelegatedActorToken,
        ),
    ] {
        let refused = with(&actor).unwrap_err();
        assert_eq!(refused, reason.into());
        assert_eq!(refused.wire().error, "invalid_request");
    }
}

#[test]
fn a_chain_of_actors_is_kept_in_order_and_bounded() {
    let fixture = fixture();
    let mut subject = sign(&fixture, &users_claims(&fixture));
    for round in 0..8 {
        let client = ["gateway", "second"][round % 2];
        let issuance = ask_as(&fixture, client, &subject, &[]).unwrap();
        let act = issuance.claims.act.clone().unwrap();
        let chain = std::iter::successors(Some(&act), |actor| actor.act.as_deref());
        let names: Vec<_> = chain.map(|actor| actor.sub.as_str()).collect();
        assert_eq!(names.len(), round + 1);
        assert_eq!(names[0], client, "who acts now comes first");
        assert_eq!(names[round], "gateway", "who acted first comes last");
        subject = sign(&fixture, &issuance.claims);
    }
    let refused = ask(&fixture, &subject, &[]).unwrap_err();
    assert_eq!(refused, ExchangeError::ChainTooLong.into());
}

#[test]
fn a_token_of_a_client_in_its_own_name_can_be_exchanged() {
    let mut fixture = fixture();
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "api:read api:write"),
        ("client_id", "service"),
        ("client_secret", "service-secret"),
    ];
    let claims = token(fixture.context(), None, &form).unwrap().claims;
    let subject = sign(&fixture, &claims);
    let issued = ask(&fixture, &subject, &[("scope", "api:read")]).unwrap();
    assert_eq!(issued.claims.sub, "service");
    assert_eq!(issued.claims.client_id.as_str(), "gateway");
    assert_eq!(
        (issued.claims.grant_id, issued.claims.auth_time),
        (None, None)
    );
    assert_eq!(issued.claims.exp, claims.exp);
    // The client is gone, the one that acts for it is not.
    let acting = ask(&fixture, &subject, &[]).unwrap().claims;
    let acting = sign(&fixture, &acting);
    assert!(ask(&fixture, &acting, &[]).is_ok());
    fixture.server.clients.remove(&"service".parse().unwrap());
    let invalid = Some(ExchangeError::InvalidSubjectToken.into());
    assert_eq!(ask(&fixture, &acting, &[]).err(), invalid);
}

#[test]
fn a_client_without_the_grant_or_without_authentication_exchanges_nothing() {
    let fixture = fixture();
    let subject = sign(&fixture, &users_claims(&fixture));
    let by_form = |id: &str, secret: &str| {
        let form = [
            ("grant_type", GRANT),
            ("subject_token", subject.as_str()),
            ("subject_token_type", ACCESS_TOKEN),
            ("client_id", id),
            ("client_secret", secret),
        ];
        let refused = token(fixture.context(), None, &form).unwrap_err();
        (refused.wire().error, refused)
    };
    let not_allowed = GrantError::NotAllowed(Grant::TokenExchange);
    let code = "unauthorized_client";
    assert_eq!(by_form("web", "web-secret"), (code, not_allowed.into()));
    assert_eq!(
        by_form("public", ""),
        (code, GrantError::PublicClient.into())
    );
    assert_eq!(by_form("gateway", "").0, "invalid_client");
}
