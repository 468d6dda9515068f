use super::read::bad_claim;
use super::*;
use serde_json::{Value, json};

fn base() -> Value {
    json!({"iss": "https://i", "sub": "s", "aud": "a", "exp": 10, "iat": 5, "jti": "j", "client_id": "c", "scope": "x y"})
}

fn read(claims: &Value, profile: &TokenProfile) -> Result<UnverifiedClaims, TokenFault> {
    let text = claims.to_string();
    let payload = UnverifiedPayload::parse(text.as_bytes())?;
    payload.unverified_issuer()?;
    payload.claims(profile, &[])
}

fn parse(claims: &Value) -> Result<UnverifiedClaims, TokenFault> {
    read(claims, &TokenProfile::default())
}

#[test]
fn the_claims_of_rfc_9068_are_read() {
    let claims = parse(&base()).unwrap();
    assert_eq!(claims.claims.scope.to_string(), "x y");
    assert_eq!(claims.claims.expires_at, 10);
}

#[test]
fn each_required_claim_must_be_there_and_of_its_type() {
    for claim in ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"] {
        for bad in [
            None,
            Some(json!(null)),
            Some(json!(true)),
            Some(json!({})),
            Some(json!([[]])),
        ] {
            let mut claims = base();
            match bad.clone() {
                Some(value) => claims[claim] = value,
                None => drop(claims.as_object_mut().unwrap().remove(claim)),
            }
            let fault = parse(&claims).unwrap_err();
            assert_eq!(fault, bad_claim(claim), "{claim} = {bad:?}");
        }
    }
}

#[test]
fn optional_claims_of_the_wrong_type_are_refused_too() {
    for (claim, value) in [
        ("scope", json!(["x"])),
        ("scope", json!(null)),
        ("scope", json!("a\tb")),
        ("nbf", json!("5")),
        ("nbf", json!(null)),
        ("sub", json!("")),
    ] {
        let mut claims = base();
        claims[claim] = value.clone();
        assert!(parse(&claims).is_err(), "{claim} = {value}");
    }
}

#[test]
fn numeric_dates() {
    for (text, seconds) in [
        ("0", 0),
        ("1700000000", 1_700_000_000),
        ("1.7e9", 1_700_000_000),
        ("10.9", 10),
        ("4294967296", 1 << 32),
    ] {
        let payload = format!("{{\"exp\":{text}}}");
        let members = parse_object(payload.as_bytes()).unwrap();
        assert_eq!(numeric_date(&members, "exp"), Ok(seconds), "{text}");
    }
    for text in [
        "-1",
        "-0.0",
        "\"1700000000\"",
        "true",
        "9007199254740993",
        "1e308",
        "18446744073709551616",
        "[]",
    ] {
        let payload = format!("{{\"exp\":{text}}}");
        let members = parse_object(payload.as_bytes()).unwrap();
        assert!(numeric_date(&members, "exp").is_err(), "{text}");
    }
}

#[test]
fn an_audience_list_holds_strings_only() {
    for (aud, good) in [
        (json!("a"), true),
        (json!(["a", "b"]), true),
        (json!([]), true),
        (json!([1]), false),
        (json!([["a"]]), false),
        (json!(1), false),
    ] {
        let mut claims = base();
        claims["aud"] = aud.clone();
        assert_eq!(parse(&claims).is_ok(), good, "{aud}");
    }
}
