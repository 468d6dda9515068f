//! Redeeming a code: one that succeeds, one mutation, the reason expected (AS-018 to AS-039).

use std::sync::Arc;

use super::*;
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::{GrantError, OAuthError};
use crate::store::GrantId;
use crate::store::{Login, SessionId};

const ALICE: &str = "user-4cmzq8xg2v";
const CALLBACK: &str = "http://localhost:3000/callback";
/// RFC 7636 Appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CODE: &str = "the-code";
const MCP: &str = "http://localhost:8080/mcp";

/// A code of alice's for `web`.
fn stored() -> StoredCode {
    StoredCode {
        expires_at: NOW + 660,
        valid_until: NOW + 60,
        grant: GrantId::from_bytes([9; 16]),
        client_id: "web".parse().unwrap(),
        redirect_uri: CALLBACK.to_owned(),
        redirect_uri_was_sent: true,
        code_challenge: Some(CHALLENGE.to_owned()),
        subject: ALICE.to_owned(),
        scope: "openid api:read api:write".parse().unwrap(),
        audience: "api-gateway".to_owned(),
        resources: vec![],
        nonce: Some("n \u{e9}".to_owned()),
        login: Login {
            at: NOW - 5,
            methods: vec!["pwd".to_owned()],
        },
        session: SessionId::from_bytes([1; 16]),
        redeemed: false,
    }
}

fn with(code: &StoredCode) -> Fixture {
    let fixture = Fixture::demo();
    block_on(
        fixture
            .store
            .add_code(SecretDigest::of(CODE.as_bytes()), code),
    )
    .unwrap();
    fixture
}

fn form(changes: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("code", CODE),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in changes {
        pairs.retain(|(own, _)| own != name);
        pairs.push((name, value));
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    form.finish()
}

fn ask_as(fixture: &Fixture, now: u64, client: &str, body: &str) -> Result<Issuance, OAuthError> {
    let form = Form::parse(body.as_bytes()).unwrap();
    let client = fixture.server.client(client).unwrap();
    block_on(redeem(fixture.at(now), client, &form))
}

fn ask(fixture: &Fixture, changes: &[(&str, &str)]) -> Result<Issuance, OAuthError> {
    ask_as(fixture, NOW, "web", &form(changes))
}

fn is_alive(fixture: &Fixture) -> bool {
    let grant = fixture.store.grant(stored().grant, NOW);
    block_on(grant).unwrap().is_some()
}

#[test]
fn a_code_becomes_tokens_and_its_grant_is_on_record() {
    let fixture = with(&stored());
    let issuance = ask(&fixture, &[]).unwrap();
    assert_eq!(issuance.claims.sub, ALICE);
    assert_eq!(
        issuance.claims.scope.to_string(),
        "openid api:read api:write"
    );
    assert_eq!(issuance.claims.auth_time, Some(NOW - 5));
    let (id_token, _) = issuance.id_token.unwrap();
    assert_eq!(id_token.nonce.as_deref(), Some("n \u{e9}"));
    assert_eq!(
        (id_token.auth_time, id_token.aud.as_str()),
        (NOW - 5, "web")
    );
    assert!(issuance.refresh_token.is_some());
    let grant = block_on(fixture.store.grant(stored().grant, NOW))
        .unwrap()
        .unwrap();
    assert_eq!(grant.session, Some(stored().session));
    assert_eq!(grant.scope, stored().scope);
}

#[test]
fn without_openid_there_is_no_id_token_and_without_the_grant_no_refresh_token() {
    let mut fixture = with(&StoredCode {
        scope: "api:read".parse().unwrap(),
        ..stored()
    });
    let web = fixture.server.clients.get_mut(&"web".parse().unwrap());
    web.unwrap()
        .grants
        .remove(&crate::protocol::Grant::RefreshToken);
    let issuance = ask(&fixture, &[]).unwrap();
    assert_eq!((issuance.id_token, issuance.refresh_token), (None, None));
    assert!(is_alive(&fixture));
}

#[test]
fn a_code_is_bound_and_failed_attempts_use_nothing_up() {
    let fixture = with(&stored());
    let (other, short, long) = ("x".repeat(43), "x".repeat(42), "x".repeat(129));
    let malformed = RequestError::Malformed("code_verifier");
    for (changes, reason) in [
        (
            &[("code", "")][..],
            OAuthError::from(RequestError::Missing("code")),
        ),
        (&[("code", "guess")], InvalidGrant::UnknownCode.into()),
        (
            &[("redirect_uri", "")],
            InvalidGrant::OtherRedirectUri.into(),
        ),
        (
            &[("redirect_uri", "http://localhost:3000/callback/")],
            InvalidGrant::OtherRedirectUri.into(),
        ),
        (&[("code_verifier", "")], InvalidGrant::NoVerifier.into()),
        (
            &[("code_verifier", &other)],
            InvalidGrant::WrongVerifier.into(),
        ),
        (
            &[("code_verifier", CHALLENGE)],
            InvalidGrant::WrongVerifier.into(),
        ),
        (&[("code_verifier", &short)], malformed.clone().into()),
        (&[("code_verifier", &long)], malformed.clone().into()),
        (
            &[("code_verifier", &VERIFIER.replace('-', "+"))],
            malformed.clone().into(),
        ),
        (
            &[("code_verifier", &format!("{VERIFIER}\u{e9}"))],
            malformed.into(),
        ),
        (
            &[("resource", "https://elsewhere.example")],
            GrantError::ResourceNotGranted.into(),
        ),
    ] {
        assert_eq!(ask(&fixture, changes).unwrap_err(), reason, "{changes:?}");
    }
    let foreign = ask_as(&fixture, NOW, "spa", &form(&[]));
    assert_eq!(foreign.unwrap_err(), InvalidGrant::CodeOfOther.into());
    assert!(ask(&fixture, &[]).is_ok());
}

#[test]
fn a_verifier_where_there_was_no_challenge_is_a_downgrade() {
    let fixture = with(&StoredCode {
        code_challenge: None,
        ..stored()
    });
    let error = ask(&fixture, &[]).unwrap_err();
    assert_eq!(error, InvalidGrant::VerifierWithoutChallenge.into());
    assert!(ask(&fixture, &[("code_verifier", "")]).is_ok());
}

#[test]
fn a_redirect_uri_that_was_left_out_may_be_left_out_again() {
    let code = StoredCode {
        redirect_uri_was_sent: false,
        ..stored()
    };
    for (uri, good) in [
        ("", true),
        (CALLBACK, true),
        ("https://evil.example", false),
    ] {
        let redeemed = ask(&with(&code), &[("redirect_uri", uri)]);
        assert_eq!(redeemed.is_ok(), good, "{uri}");
    }
}

#[test]
fn a_code_expires() {
    let fixture = with(&stored());
    for now in [NOW + 60, NOW + 61, NOW + 659] {
        let error = ask_as(&fixture, now, "web", &form(&[])).unwrap_err();
        assert_eq!(error, InvalidGrant::ExpiredCode.into());
    }
    assert!(ask_as(&fixture, NOW + 59, "web", &form(&[])).is_ok());
}

#[test]
fn a_second_use_by_its_client_revokes_what_came_of_the_first() {
    for (later, changes) in [
        (NOW, &[][..]),
        (NOW + 600, &[]),
        // Whoever has it and not the rest has it all the same.
        (NOW, &[("code_verifier", "")]),
        (NOW, &[("redirect_uri", "")]),
    ] {
        let fixture = with(&stored());
        ask(&fixture, &[]).unwrap();
        let foreign = ask_as(&fixture, later, "spa", &form(&[])).unwrap_err();
        assert_eq!(foreign, InvalidGrant::CodeOfOther.into());
        assert!(is_alive(&fixture), "another client's attempt hurts nobody");
        let error = ask_as(&fixture, later, "web", &form(changes)).unwrap_err();
        let reason = InvalidGrant::CodeReplayed;
        assert!(reason.is_security_event());
        assert_eq!(error, reason.into());
        assert!(!is_alive(&fixture));
        let again = ask_as(&fixture, later, "web", &form(&[])).unwrap_err();
        assert_eq!(again.wire().error, "invalid_grant");
    }
}

#[test]
fn a_user_or_a_scope_that_is_gone_gives_nothing() {
    let nobody = StoredCode {
        subject: "user-gone".to_owned(),
        ..stored()
    };
    let error = ask(&with(&nobody), &[]).unwrap_err();
    assert_eq!(error, InvalidGrant::UserGone.into());
    let nowhere = StoredCode {
        audience: "gone".to_owned(),
        ..stored()
    };
    let error = ask(&with(&nowhere), &[]).unwrap_err();
    assert_eq!(error, InvalidGrant::UserGone.into());
    let mut fixture = with(&stored());
    let web = fixture.server.clients.get_mut(&"web".parse().unwrap());
    web.unwrap().scope = "api:write".parse().unwrap();
    let issuance = ask(&fixture, &[]).unwrap();
    assert_eq!(issuance.claims.scope.to_string(), "api:write");
}

#[test]
fn the_resources_of_the_token_lie_within_those_granted() {
    let named = StoredCode {
        resources: vec![MCP.to_owned()],
        ..stored()
    };
    for (code, resource, audience) in [
        (&named, "", Some(vec!["api-gateway", MCP])),
        (&named, MCP, Some(vec!["api-gateway", MCP])),
        (
            &named,
            "http://localhost:8080/mcp/tools",
            Some(vec!["api-gateway", "http://localhost:8080/mcp/tools"]),
        ),
        (&named, "http://localhost:8080", None),
        (&named, "http://localhost:8080/mcp2", None),
        (&named, "x", None),
        (&stored(), "", Some(vec!["api-gateway"])),
        (&stored(), MCP, Some(vec!["api-gateway", MCP])),
        (&stored(), "https://elsewhere.example", None),
    ] {
        let issued = ask(&with(code), &[("resource", resource)]);
        match (issued, audience) {
            (Ok(issuance), Some(audience)) => {
                assert_eq!(issuance.claims.aud.iter().collect::<Vec<_>>(), audience);
            }
            (Err(error), None) => assert_eq!(error.wire().error, "invalid_target"),
            (other, _) => panic!("{resource}: {other:?}"),
        }
    }
}

#[test]
fn of_a_hundred_redemptions_at_once_one_succeeds() {
    let fixture = Arc::new(with(&stored()));
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(4).enable_all().build().unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let fixture = Arc::clone(&fixture);
            runtime.spawn(async move {
                let body = form(&[]);
                let form = Form::parse(body.as_bytes()).unwrap();
                let client = fixture.server.client("web").unwrap();
                redeem(fixture.context(), client, &form).await
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match runtime.block_on(task).unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error, InvalidGrant::CodeReplayed.into()),
        }
    }
    assert_eq!(won, 1);
    assert!(!is_alive(&fixture), "the others gave the theft away");
}
