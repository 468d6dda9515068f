//! The demo's `legacy` client and its users: a request that succeeds, one mutation, the reason.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::token_endpoint::respond;
use crate::protocol::{ClientKind, Grant, Refusal, Unavailable};

const ALICE: &str = "grant_type=password&username=alice&password=wonderland";
const BOB: &str = "grant_type=password&username=bob&password=builder";

fn ask(fixture: &Fixture, now: u64, body: &str) -> Result<Issuance, OAuthError> {
    let credentials = format!("Basic {}", STANDARD.encode("legacy:legacy-secret"));
    let request = ClientRequest {
        authorization: vec![credentials.as_bytes()],
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    block_on(respond(fixture.at(now), &request)).map_err(|Refusal { error, .. }| error)
}

#[test]
fn a_password_becomes_tokens_of_the_user_that_are_on_record() {
    let fixture = Fixture::demo();
    let issued = ask(&fixture, NOW, &format!("{ALICE}&scope=api:write")).unwrap();
    assert_eq!(issued.claims.sub, "user-4cmzq8xg2v");
    assert_eq!(issued.claims.client_id.as_str(), "legacy");
    assert_eq!(issued.claims.scope.to_string(), "api:write");
    assert_eq!(issued.id_token, None);
    let grants = block_on(fixture.store.grants_of("user-4cmzq8xg2v", NOW)).unwrap();
    let [(_, grant)] = &grants[..] else {
        panic!("one grant");
    };
    assert_eq!((grant.session, grant.login.at), (None, NOW));
    assert_eq!(grant.login.methods, ["pwd"]);
    let refresh_token = issued.refresh_token.unwrap();
    let refresh = format!(
        "grant_type=refresh_token&refresh_token={}",
        refresh_token.expose()
    );
    let refreshed = ask(&fixture, NOW + 1, &refresh).unwrap();
    assert_eq!(refreshed.claims.scope.to_string(), "api:write");
}

#[test]
fn who_asks_for_no_scope_gets_the_default() {
    let issued = ask(&Fixture::demo(), NOW, BOB).unwrap();
    assert_eq!(issued.claims.scope.to_string(), "api:read");
}

#[test]
fn what_is_refused_and_why() {
    let missing = |name| OAuthError::from(RequestError::Missing(name));
    let wrong = || OAuthError::from(InvalidGrant::WrongPassword);
    let scope = |name: &str| OAuthError::from(GrantError::ScopeNotAllowed(name.to_owned()));
    for (body, reason) in [
        (
            "grant_type=password&password=wonderland".to_owned(),
            missing("username"),
        ),
        (
            "grant_type=password&username=alice".to_owned(),
            missing("password"),
        ),
        (format!("{ALICE}x"), wrong()),
        (ALICE.replace("alice", "Alice"), wrong()),
        (ALICE.replace("alice", "nobody"), wrong()),
        (ALICE.replace("wonderland", &"x".repeat(1025)), wrong()),
        (format!("{ALICE}&scope=api:admin"), scope("api:admin")),
        (
            format!("{BOB}&scope=api:read+api:write"),
            scope("api:write"),
        ),
        (
            format!("{ALICE}&resource=https://elsewhere.example"),
            GrantError::UnknownResource.into(),
        ),
    ] {
        let fixture = Fixture::demo();
        assert_eq!(ask(&fixture, NOW, &body), Err(reason), "{body}");
        let subject = "user-4cmzq8xg2v";
        let grants = block_on(fixture.store.grants_of(subject, NOW)).unwrap();
        assert_eq!(grants, [], "nothing is kept");
    }
}

#[test]
fn a_scope_that_the_client_may_not_have_is_refused_before_the_password_is_tried() {
    let fixture = Fixture::demo();
    for _ in 0..10 {
        ask(&fixture, NOW, &format!("{ALICE}x&scope=api:admin")).unwrap_err();
    }
    assert!(ask(&fixture, NOW, ALICE).is_ok(), "no guess was made");
}

#[test]
fn guesses_are_slowed_down() {
    let fixture = Fixture::demo();
    for _ in 0..5 {
        let refused = ask(&fixture, NOW, &format!("{ALICE}x"));
        assert_eq!(refused, Err(InvalidGrant::WrongPassword.into()));
    }
    let throttled = Err(Unavailable::Throttled(5).into());
    assert_eq!(ask(&fixture, NOW, ALICE), throttled);
    assert!(ask(&fixture, NOW + 5, ALICE).is_ok());
}

#[test]
fn a_public_client_does_not_have_it_whatever_the_configuration_says() {
    let mut fixture = Fixture::demo();
    let spa = fixture
        .server
        .clients
        .get_mut(&"spa".parse().unwrap())
        .unwrap();
    assert!(matches!(spa.kind, ClientKind::Public));
    spa.grants.insert(Grant::Password);
    let body = format!("{ALICE}&client_id=spa");
    let request = ClientRequest {
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    let refused = block_on(respond(fixture.context(), &request)).unwrap_err();
    assert_eq!(refused.error, GrantError::PublicClient.into());
}
