//! Clients that sign for themselves: an assertion that passes, one mutation, the reason expected.

use std::thread;

use dockgate_token::Algorithm;
use serde_json::{Value, json};

use super::*;
use crate::protocol::fixture::{Fixture, NOW};
use crate::protocol::signer::{ISSUER, OTHER, OWN, base, fixture, robot, token};
use crate::protocol::{ClientAuthenticationError, Issuance};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn form(assertion: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ]
}

fn ask(fixture: &Fixture, assertion: &str) -> Result<Issuance, OAuthError> {
    token(fixture.context(), None, &form(assertion))
}

fn refused(error: AssertionError) -> Option<OAuthError> {
    let client = "robot".parse().unwrap();
    Some(ClientAuthenticationError::Assertion(client, error).into())
}

fn unreadable(error: AssertionError) -> Option<OAuthError> {
    Some(ClientAuthenticationError::UnreadableAssertion(error).into())
}

fn without(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().remove(name).unwrap();
}

/// What becomes of an assertion with this change to its header and its claims.
fn changed(fixture: &Fixture, change: impl FnOnce(&mut Value, &mut Value)) -> Option<OAuthError> {
    let (mut header, mut claims) = base("robot", "robot", "one");
    change(&mut header, &mut claims);
    let assertion = OWN.sign(Algorithm::ES256, &header, &claims);
    ask(fixture, &assertion).err()
}

#[test]
fn a_client_signs_with_any_of_the_algorithms() {
    let fixture = fixture();
    for algorithm in Algorithm::ALL {
        let (mut header, claims) = base("robot", "robot", algorithm.as_str());
        header["alg"] = json!(algorithm);
        header["kid"] = json!(algorithm);
        let issued = ask(&fixture, &OWN.sign(algorithm, &header, &claims)).unwrap();
        assert_eq!(issued.claims.client_id.as_str(), "robot");
        // Without a `kid` every key of the algorithm is tried.
        without(&mut header, "kid");
        let claims = base("robot", "robot", &format!("{algorithm} again")).1;
        let issued = ask(&fixture, &OWN.sign(algorithm, &header, &claims));
        assert!(issued.is_ok(), "{algorithm}");
    }
}

#[test]
fn what_an_assertion_may_leave_out_or_say_otherwise() {
    type Change = fn(&mut Value, &mut Value);
    let changes: [(&str, Change); 12] = [
        ("no typ", |header, _| without(header, "typ")),
        ("its own typ", |header, _| {
            header["typ"] = json!("client-authentication+jwt");
        }),
        ("a whole media type", |header, _| {
            header["typ"] = json!("application/Client-Authentication+JWT");
        }),
        ("another member", |header, _| header["x5t"] = json!("x")),
        ("no iat", |_, claims| without(claims, "iat")),
        ("an old iat", |_, claims| claims["iat"] = json!(1)),
        ("nbf in 8 seconds", |_, claims| {
            claims["nbf"] = json!(NOW + 8)
        }),
        ("iat in 8 seconds", |_, claims| {
            claims["iat"] = json!(NOW + 8)
        }),
        ("a moment ago", |_, claims| claims["exp"] = json!(NOW - 9)),
        ("in an hour", |_, claims| claims["exp"] = json!(NOW + 3610)),
        ("a fraction", |_, claims| {
            claims["exp"] = json!(1_000_060.5);
        }),
        ("the longest jti", |_, claims| {
            claims["jti"] = json!("j".repeat(255));
        }),
    ];
    for (what, change) in changes {
        assert_eq!(changed(&fixture(), change), None, "{what}");
    }
}

#[test]
fn an_assertion_that_does_not_prove_who_the_client_is_is_refused_with_its_reason() {
    use AssertionError::*;
    type Change = fn(&mut Value, &mut Value);
    let table: Vec<(AssertionError, Change)> = vec![
        (CriticalHeader, |header, _| header["crit"] = json!(["b64"])),
        (CriticalHeader, |header, _| header["crit"] = json!([])),
        (WrongType, |header, _| header["typ"] = json!("at+jwt")),
        (WrongType, |header, _| header["typ"] = json!("dpop+jwt")),
        (WrongType, |header, _| {
            header["typ"] = json!("authorization-grant+jwt");
        }),
        (WrongType, |header, _| header["typ"] = json!("")),
        (AlgorithmNotAllowed, |header, _| {
            header["alg"] = json!("none")
        }),
        (AlgorithmNotAllowed, |header, _| {
            header["alg"] = json!("HS256")
        }),
        (AlgorithmNotAllowed, |header, _| {
            header["alg"] = json!("es256")
        }),
        (UnknownKey, |header, _| header["kid"] = json!("RS256")),
        (UnknownKey, |header, _| header["kid"] = json!("another")),
        (UnknownKey, |header, _| header["alg"] = json!("ES384")),
        (WrongSignature, |header, _| {
            header["alg"] = json!("RS256");
            header["kid"] = json!("RS256");
        }),
        (IssuerIsNotSubject, |_, claims| claims["iss"] = json!("web")),
        (WrongAudience, |_, claims| without(claims, "aud")),
        (WrongAudience, |_, claims| claims["aud"] = json!([ISSUER])),
        (WrongAudience, |_, claims| {
            claims["aud"] = json!([ISSUER, "https://other.example"]);
        }),
        (WrongAudience, |_, claims| {
            claims["aud"] = json!(format!("{ISSUER}/token"));
        }),
        (WrongAudience, |_, claims| {
            claims["aud"] = json!(format!("{ISSUER}/par"));
        }),
        (WrongAudience, |_, claims| {
            claims["aud"] = json!(format!("{ISSUER}/"));
        }),
        (WrongAudience, |_, claims| {
            claims["aud"] = json!("api-gateway");
        }),
        (ExpiryMissing, |_, claims| without(claims, "exp")),
        (Expired, |_, claims| claims["exp"] = json!(NOW - 10)),
        (Expired, |_, claims| claims["exp"] = json!(0)),
        (ExpiresTooLate, |_, claims| {
            claims["exp"] = json!(NOW + 3611)
        }),
        (ExpiresTooLate, |_, claims| {
            claims["exp"] = json!(NOW + 365 * 86400);
        }),
        (NotYetValid, |_, claims| claims["nbf"] = json!(NOW + 11)),
        (NotYetValid, |_, claims| claims["nbf"] = json!(NOW + 60)),
        (IssuedInFuture, |_, claims| claims["iat"] = json!(NOW + 11)),
        (JtiMissing, |_, claims| without(claims, "jti")),
        (JtiMissing, |_, claims| claims["jti"] = json!("")),
        (JtiTooLong, |_, claims| {
            claims["jti"] = json!("j".repeat(256));
        }),
    ];
    let fixture = fixture();
    for (reason, change) in table {
        let error = changed(&fixture, change);
        assert_eq!(error, refused(reason));
        let wire = error.unwrap().wire();
        assert_eq!((wire.status, wire.error), (401, "invalid_client"));
        assert_eq!(wire.description, "Client authentication failed.");
    }
    // None of them used the `jti` up.
    assert!(ask(&fixture, &robot("one")).is_ok());
}

#[test]
fn an_assertion_that_cannot_be_read_without_guessing_names_no_client() {
    use AssertionError::*;
    type Change = fn(&mut Value, &mut Value);
    let table: Vec<(AssertionError, Change)> = vec![
        (MalformedHeader, |header, _| without(header, "alg")),
        (MalformedHeader, |header, _| header["kid"] = json!(1)),
        (MalformedHeader, |header, _| header["kid"] = Value::Null),
        (MalformedHeader, |header, _| header["typ"] = Value::Null),
        (MalformedHeader, |header, _| *header = json!([])),
        (MalformedClaims, |_, claims| *claims = json!("x")),
        (MalformedClaims, |_, claims| claims["jti"] = Value::Null),
        (MalformedClaims, |_, claims| claims["jti"] = json!(7)),
        (MalformedClaims, |_, claims| claims["exp"] = json!("60")),
        (MalformedClaims, |_, claims| claims["exp"] = Value::Null),
        (MalformedClaims, |_, claims| claims["exp"] = json!(-1)),
        (MalformedClaims, |_, claims| claims["exp"] = json!(1e300)),
        (MalformedClaims, |_, claims| claims["nbf"] = Value::Null),
        (MalformedClaims, |_, claims| {
            claims["sub"] = json!(["robot"])
        }),
        (PartyMissing, |_, claims| without(claims, "iss")),
        (PartyMissing, |_, claims| claims["sub"] = json!("")),
    ];
    let fixture = fixture();
    for (reason, change) in table {
        assert_eq!(changed(&fixture, change), unreadable(reason));
    }
    let good = robot("two");
    let broken = [
        "x",
        "..",
        good.strip_suffix(|_: char| true).unwrap(),
        &format!("{good}."),
        &format!("{good}="),
        &format!(" {good}"),
    ];
    for text in broken {
        assert_eq!(
            ask(&fixture, text).err(),
            unreadable(NoCompactJws),
            "{text}"
        );
    }
    let (header, claims) = base("robot", "robot", "three");
    let twice = |object: &Value, member: &str| object.to_string().replacen('{', member, 1);
    let header_twice = twice(&header, r#"{"alg":"none","#);
    let token = OWN.sign_text(Algorithm::ES256, &header_twice, &claims.to_string());
    assert_eq!(ask(&fixture, &token).err(), unreadable(MalformedHeader));
    let claims_twice = twice(&claims, r#"{"sub":"web","#);
    let token = OWN.sign_text(Algorithm::ES256, &header.to_string(), &claims_twice);
    assert_eq!(ask(&fixture, &token).err(), unreadable(MalformedClaims));
}

#[test]
fn an_assertion_that_another_signed_or_changed_is_refused() {
    let fixture = fixture();
    let (header, claims) = base("robot", "robot", "one");
    let wrong = refused(AssertionError::WrongSignature);
    let foreign = OTHER.sign(Algorithm::ES256, &header, &claims);
    assert_eq!(ask(&fixture, &foreign).err(), wrong);
    // Another's claims under a good signature.
    let good = OWN.sign(Algorithm::ES256, &header, &claims);
    let mut later = claims.clone();
    later["exp"] = json!(NOW + 61);
    let later = OTHER.sign(Algorithm::ES256, &header, &later);
    let mixed = [
        later.rsplit_once('.').unwrap().0,
        good.rsplit_once('.').unwrap().1,
    ];
    assert_eq!(ask(&fixture, &mixed.join(".")).err(), wrong);
    // The public key as the key of an HMAC (RFC 8725 §2.1).
    let mut hmac = header.clone();
    hmac["alg"] = json!("HS256");
    let key = OWN.jwk(Algorithm::ES256).to_string();
    let input =
        dockgate_token::signing_input(hmac.to_string().as_bytes(), claims.to_string().as_bytes());
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.as_bytes());
    let mac = aws_lc_rs::hmac::sign(&key, input.as_bytes());
    let forged = format!("{input}.{}", dockgate_token::encode_segment(mac.as_ref()));
    let refusal = refused(AssertionError::AlgorithmNotAllowed);
    assert_eq!(ask(&fixture, &forged).err(), refusal);
    assert!(ask(&fixture, &good).is_ok(), "nobody used the jti up");
}

#[test]
fn an_assertion_counts_once_also_when_it_comes_fifty_times_at_once() {
    let fixture = fixture();
    let assertion = robot("parallel");
    let ask_once = || match ask(&fixture, &assertion) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(Some(error), refused(AssertionError::Replayed));
            false
        }
    };
    let won = thread::scope(|scope| {
        let all: Vec<_> = (0..50).map(|_| scope.spawn(ask_once)).collect();
        let won = all.into_iter().map(|thread| thread.join().unwrap());
        won.filter(|won| *won).count()
    });
    assert_eq!(won, 1);
    // For as long as it would pass.
    let last = token(fixture.at(NOW + 69), None, &form(&assertion));
    assert_eq!(last.err(), refused(AssertionError::Replayed));
    let after = token(fixture.at(NOW + 70), None, &form(&assertion));
    assert_eq!(after.err(), refused(AssertionError::Expired));
}

mod methods;
