//! Assertions of a trusted issuer: one that passes, one mutation, the reason expected.

use std::thread;

use dockgate_token::Algorithm;
use serde_json::{Value, json};

use super::*;
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::presented_token::{grant_id, live_token};
use crate::protocol::signer::{ISSUER, OTHER, OWN, TRUSTED, base, fixture, robot, token};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CLIENT_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An assertion about the subject.
fn about(subject: &str, jti: &str) -> String {
    let (header, claims) = base(TRUSTED, subject, jti);
    OWN.sign(Algorithm::ES256, &header, &claims)
}

/// Brings an assertion as `robot`, which authenticates with another of its own.
fn bring(
    fixture: &Fixture,
    now: u64,
    assertion: &str,
    extra: &[(&str, &str)],
) -> Result<Issuance, OAuthError> {
    let context = fixture.at(now);
    let number: [u8; 8] = context.random().unwrap();
    let (header, mut claims) = base("robot", "robot", &format!("{number:?}"));
    claims["iat"] = json!(now);
    claims["exp"] = json!(now + 60);
    let own = OWN.sign(Algorithm::ES256, &header, &claims);
    let mut form = vec![
        ("grant_type", GRANT),
        ("client_assertion_type", CLIENT_TYPE),
        ("client_assertion", &own),
        ("assertion", assertion),
    ];
    form.extend(extra);
    token(context, None, &form)
}

fn refused(error: AssertionError) -> Option<OAuthError> {
    Some(InvalidGrant::Assertion(error).into())
}

#[test]
fn an_assertion_becomes_a_token_of_the_user_it_is_mapped_to() {
    let fixture = fixture();
    let issuance = bring(&fixture, NOW, &about("workload-1", "one"), &[]).unwrap();
    let alice = fixture.server.users.by_name("alice").unwrap();
    let claims = issuance.claims;
    assert_eq!(claims.sub, alice.subject);
    assert_eq!(claims.client_id.as_str(), "robot");
    assert_eq!(claims.scope.to_string(), "api:read");
    assert_eq!((claims.auth_time, claims.amr.len()), (Some(NOW), 0));
    assert_eq!((issuance.refresh_token, issuance.id_token), (None, None));
    let grant = block_on(fixture.store.grant(grant_id(&claims).unwrap(), NOW)).unwrap();
    let grant = grant.unwrap();
    assert_eq!(
        (&grant.subject, grant.refresh.is_none()),
        (&alice.subject, true)
    );
    assert_eq!(grant.expires_at, claims.exp);
}

#[test]
fn what_revokes_the_grant_revokes_the_token() {
    let fixture = fixture();
    let context = fixture.context();
    let issuance = bring(&fixture, NOW, &about("workload-1", "one"), &[]).unwrap();
    let signed = issuance.sign(context.keys).unwrap();
    let alive = || {
        block_on(live_token(context, signed.access_token()))
            .unwrap()
            .is_some()
    };
    assert!(alive());
    let id = grant_id(&issuance.claims).unwrap();
    block_on(fixture.store.remove_grant(id)).unwrap();
    assert!(!alive());
}

#[test]
fn an_assertion_about_the_client_becomes_a_token_of_its_own() {
    let fixture = fixture();
    let issuance = bring(&fixture, NOW, &about("itself", "one"), &[]).unwrap();
    let claims = issuance.claims;
    assert_eq!((claims.sub.as_str(), claims.grant_id), ("robot", None));
    assert_eq!((claims.auth_time, claims.act), (None, None));
    assert_eq!(issuance.refresh_token, None);
}

#[test]
fn the_scope_is_within_that_of_client_issuer_and_user_or_there_is_none() {
    let fixture = fixture();
    let ask = |subject: &str, scope: &str| {
        let number: [u8; 8] = fixture.context().random().unwrap();
        let assertion = about(subject, &format!("{number:?}"));
        let issuance = bring(&fixture, NOW, &assertion, &[("scope", scope)]);
        issuance.map(|issuance| issuance.claims.scope.to_string())
    };
    let not_allowed = |scope: &str| Err(GrantError::ScopeNotAllowed(scope.to_owned()).into());
    for subject in ["workload-1", "workload-2", "itself"] {
        assert_eq!(ask(subject, "api:read"), Ok("api:read".to_owned()));
        assert_eq!(ask(subject, ""), Ok("api:read".to_owned()));
        // The client's, not the issuer's.
        assert_eq!(ask(subject, "api:write"), not_allowed("api:write"));
        // The issuer's, not the client's.
        assert_eq!(ask(subject, "api:admin"), not_allowed("api:admin"));
        // Nobody has logged in, so that there is nothing to say about the user.
        assert_eq!(
            ask(subject, "api:read openid"),
            Err(GrantError::ScopeNotOfResource.into())
        );
    }
    let mut fixture = crate::protocol::signer::fixture();
    fixture.server.trusted_issuers[0].scope = "api:admin".parse().unwrap();
    let refused = bring(&fixture, NOW, &about("workload-1", "one"), &[]);
    assert_eq!(refused.err(), Some(GrantError::NoDefaultScope.into()));
    // The user's: bob may have no more than api:read.
    fixture.server.trusted_issuers[0].scope = "api:write".parse().unwrap();
    let scope = [("scope", "api:write")];
    let assertion = about("workload-2", "two");
    let refused = bring(&fixture, NOW, &assertion, &scope);
    let excess = GrantError::ScopeNotAllowed("api:write".to_owned());
    assert_eq!(refused.err(), Some(excess.into()));
    assert!(bring(&fixture, NOW, &about("workload-1", "three"), &scope).is_ok());
}

#[test]
fn a_request_that_is_refused_does_not_use_the_assertion_up() {
    let fixture = fixture();
    let assertion = about("workload-1", "one");
    for extra in [
        [("scope", "api:admin")],
        [("scope", "\"")],
        [("resource", "https://evil.example")],
    ] {
        assert!(bring(&fixture, NOW, &assertion, &extra).is_err());
    }
    let resource = [("resource", "http://localhost:8080/mcp")];
    let issuance = bring(&fixture, NOW, &assertion, &resource).unwrap();
    let audience: Vec<_> = issuance.claims.aud.iter().collect();
    assert_eq!(audience, ["api-gateway", "http://localhost:8080/mcp"]);
}

fn without(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().remove(name).unwrap();
}

#[test]
fn an_assertion_is_refused_with_its_reason() {
    use AssertionError::*;
    let other = |error: InvalidGrant| Some(OAuthError::from(error));
    type Change = fn(&mut Value, &mut Value);
    let table: Vec<(Option<OAuthError>, Change)> = vec![
        (other(InvalidGrant::UntrustedIssuer), |_, claims| {
            claims["iss"] = json!("https://unknown.example");
        }),
        (other(InvalidGrant::UntrustedIssuer), |_, claims| {
            claims["iss"] = json!(format!("{TRUSTED}/"));
        }),
        // An assertion by which the client authenticates grants nothing.
        (other(InvalidGrant::UntrustedIssuer), |_, claims| {
            claims["iss"] = json!("robot");
        }),
        (other(InvalidGrant::UnmappedSubject), |_, claims| {
            claims["sub"] = json!("alice");
        }),
        (other(InvalidGrant::UnmappedSubject), |_, claims| {
            claims["sub"] = json!("user-4cmzq8xg2v");
        }),
        (other(InvalidGrant::UnmappedSubject), |_, claims| {
            claims["sub"] = json!("robot");
        }),
        (refused(CriticalHeader), |header, _| {
            header["crit"] = json!(["x"])
        }),
        (refused(WrongType), |header, _| {
            header["typ"] = json!("at+jwt")
        }),
        (refused(WrongType), |header, _| {
            header["typ"] = json!("client-authentication+jwt");
        }),
        (refused(AlgorithmNotAllowed), |header, _| {
            header["alg"] = json!("none")
        }),
        (refused(AlgorithmNotAllowed), |header, _| {
            header["alg"] = json!("HS256")
        }),
        (refused(UnknownKey), |header, _| header["kid"] = json!("x")),
        (refused(WrongAudience), |_, claims| {
            claims["aud"] = json!([ISSUER])
        }),
        (refused(WrongAudience), |_, claims| {
            claims["aud"] = json!(format!("{ISSUER}/token"));
        }),
        (refused(WrongAudience), |_, claims| without(claims, "aud")),
        (refused(ExpiryMissing), |_, claims| without(claims, "exp")),
        (refused(Expired), |_, claims| {
            claims["exp"] = json!(NOW - 10)
        }),
        // `max_lifetime_seconds` is 300 here.
        (refused(ExpiresTooLate), |_, claims| {
            claims["exp"] = json!(NOW + 311)
        }),
        (refused(NotYetValid), |_, claims| {
            claims["nbf"] = json!(NOW + 60)
        }),
        (refused(IssuedInFuture), |_, claims| {
            claims["iat"] = json!(NOW + 60)
        }),
        (refused(JtiMissing), |_, claims| without(claims, "jti")),
        (refused(MalformedClaims), |_, claims| {
            claims["jti"] = Value::Null
        }),
        (refused(MalformedHeader), |header, _| without(header, "alg")),
    ];
    let fixture = fixture();
    for (reason, change) in table {
        let (mut header, mut claims) = base(TRUSTED, "workload-1", "one");
        change(&mut header, &mut claims);
        let assertion = OWN.sign(Algorithm::ES256, &header, &claims);
        let error = bring(&fixture, NOW, &assertion, &[]).err();
        assert_eq!(error, reason, "{header} {claims}");
        let wire = error.unwrap().wire();
        assert_eq!((wire.status, wire.error), (400, "invalid_grant"));
    }
    let (mut header, mut claims) = base(TRUSTED, "workload-1", "one");
    let foreign = OTHER.sign(Algorithm::ES256, &header, &claims);
    let error = bring(&fixture, NOW, &foreign, &[]).err();
    assert_eq!(error, refused(WrongSignature));
    // The longest that is allowed, under the type of its own. Nothing above used the `jti` up.
    header["typ"] = json!("authorization-grant+jwt");
    claims["exp"] = json!(NOW + 310);
    let good = OWN.sign(Algorithm::ES256, &header, &claims);
    assert!(bring(&fixture, NOW, &good, &[]).is_ok());
}

#[test]
fn an_assertion_counts_once_also_when_it_comes_fifty_times_at_once() {
    let fixture = fixture();
    let assertion = about("workload-1", "parallel");
    let won = thread::scope(|scope| {
        let bring = || bring(&fixture, NOW, &assertion, &[]);
        let all: Vec<_> = (0..50).map(|_| scope.spawn(bring)).collect();
        let answers = all.into_iter().map(|thread| thread.join().unwrap());
        answers
            .filter(|answer| match answer {
                Ok(_) => true,
                Err(error) => {
                    assert_eq!(Some(error), refused(AssertionError::Replayed).as_ref());
                    false
                }
            })
            .count()
    });
    assert_eq!(won, 1);
    let subject = &fixture.server.users.by_name("alice").unwrap().subject;
    let grants = block_on(fixture.store.grants_of(subject, NOW)).unwrap();
    assert_eq!(grants.len(), 1);
    let again = bring(&fixture, NOW + 69, &assertion, &[]).err();
    assert_eq!(again, refused(AssertionError::Replayed));
    // Another issuer's `jti`, or one for the other purpose, is another name.
    assert!(bring(&fixture, NOW, &about("workload-1", "robot"), &[]).is_ok());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", CLIENT_TYPE),
        ("client_assertion", &robot("parallel")),
    ];
    assert!(token(fixture.context(), None, &form).is_ok());
}

#[test]
fn only_the_clients_that_are_listed_bring_an_issuers_assertions() {
    let mut fixture = fixture();
    let assertion = about("workload-1", "one");
    let ask = |fixture: &Fixture, client: &str| {
        let credentials = format!("{client}:s");
        let encoded = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            credentials.as_bytes(),
        );
        let header = format!("Basic {encoded}");
        let form = [("grant_type", GRANT), ("assertion", assertion.as_str())];
        token(fixture.context(), Some(&header), &form).err()
    };
    let untrusted = Some(InvalidGrant::UntrustedIssuer.into());
    assert_eq!(ask(&fixture, "basic"), untrusted);
    let form = [
        ("grant_type", GRANT),
        ("assertion", assertion.as_str()),
        ("client_id", "spa"),
    ];
    let spa = token(fixture.context(), None, &form).err();
    assert_eq!(
        spa,
        Some(GrantError::NotAllowed(crate::protocol::Grant::JwtBearer).into())
    );
    let id = "basic".parse().unwrap();
    fixture.server.trusted_issuers[0].clients.insert(id);
    assert_eq!(ask(&fixture, "basic"), None);
}

#[test]
fn a_user_who_is_gone_and_an_assertion_that_is_missing() {
    let mut fixture = fixture();
    let missing = bring(&fixture, NOW, "", &[]).err();
    assert_eq!(missing, Some(RequestError::Missing("assertion").into()));
    fixture.server.users = Default::default();
    let gone = bring(&fixture, NOW, &about("workload-1", "one"), &[]).err();
    assert_eq!(gone, Some(InvalidGrant::UserGone.into()));
}
