//! Whose tokens may be exchanged, by whom, and who is said to act.

use super::*;

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
    block_on(fixture.store.revoke(jti, claims.exp)).unwrap();
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
fn an_exchanged_token_ends_with_the_client_that_was_granted() {
    let mut fixture = fixture();
    let subject = sign(&fixture, &users_claims(&fixture));
    let exchanged = ask(&fixture, &subject, &[]).unwrap().claims;
    let exchanged = sign(&fixture, &exchanged);
    assert!(ask(&fixture, &exchanged, &[]).is_ok());
    let web = "web".parse().unwrap();
    fixture.server.clients.remove(&web);
    let invalid = Some(ExchangeError::InvalidSubjectToken.into());
    assert_eq!(ask(&fixture, &exchanged, &[]).err(), invalid);
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
