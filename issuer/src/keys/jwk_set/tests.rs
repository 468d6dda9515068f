//! Key sets of others: one that is good, one change, what becomes of it.

use serde_json::{Value, json};

use super::*;
use crate::protocol::signer::{OTHER, OWN};

fn parse(keys: &[Value]) -> Result<VerificationKeys, KeySetError> {
    VerificationKeys::parse(json!({ "keys": keys }).to_string().as_bytes())
}

fn with(mut key: Value, members: &[(&str, Value)]) -> Value {
    for (name, value) in members {
        key[*name] = value.clone();
    }
    key
}

fn counts(keys: &VerificationKeys, kid: Option<&str>) -> Vec<(Algorithm, usize)> {
    let count = |algorithm| (algorithm, keys.candidates(algorithm, kid).count());
    let all = Algorithm::ALL.into_iter().map(count);
    all.filter(|(_, count)| *count > 0).collect()
}

#[test]
fn a_key_without_alg_is_used_with_what_fits_it() {
    for (algorithm, expected) in [
        (Algorithm::RS256, vec![Algorithm::RS256, Algorithm::PS256]),
        (Algorithm::ES256, vec![Algorithm::ES256]),
        (Algorithm::ES384, vec![Algorithm::ES384]),
        (Algorithm::EdDSA, vec![Algorithm::EdDSA]),
    ] {
        let keys = parse(&[OWN.jwk(algorithm)]).unwrap();
        let used = counts(&keys, None).into_iter().map(|(used, _)| used);
        assert_eq!(used.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_key_with_alg_is_used_with_that_alone() {
    for algorithm in Algorithm::ALL {
        let key = with(OWN.jwk(algorithm), &[("alg", json!(algorithm))]);
        assert_eq!(counts(&parse(&[key]).unwrap(), None), [(algorithm, 1)]);
    }
}

#[test]
fn a_kid_chooses_and_its_absence_means_all() {
    let named = |signer: &crate::protocol::signer::Signer, kid: &str| {
        with(signer.jwk(Algorithm::ES256), &[("kid", json!(kid))])
    };
    let nameless = OTHER.jwk(Algorithm::ES256);
    let keys = parse(&[named(&OWN, "a"), named(&OTHER, "b"), nameless]).unwrap();
    let count = |kid| keys.candidates(Algorithm::ES256, kid).count();
    assert_eq!(
        (
            count(None),
            count(Some("a")),
            count(Some("c")),
            count(Some(""))
        ),
        (3, 1, 0, 0)
    );
    assert_eq!(keys.candidates(Algorithm::RS256, Some("a")).count(), 0);
}

#[test]
fn keys_that_check_no_signatures_here_are_passed_over() {
    let good = OWN.jwk(Algorithm::ES256);
    for other in [
        with(OWN.jwk(Algorithm::RS256), &[("use", json!("enc"))]),
        with(
            OWN.jwk(Algorithm::RS256),
            &[("key_ops", json!(["encrypt"]))],
        ),
        with(OWN.jwk(Algorithm::RS256), &[("alg", json!("RSA-OAEP"))]),
        with(OWN.jwk(Algorithm::RS256), &[("alg", json!("ES256"))]),
        json!({ "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA" }),
        json!({ "kty": "OKP", "crv": "X25519", "x": "AA" }),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" }),
    ] {
        let keys = parse(&[other.clone(), good.clone()]).unwrap();
        assert_eq!(counts(&keys, None), [(Algorithm::ES256, 1)], "{other}");
        assert_eq!(parse(&[other]).unwrap_err(), KeySetError::Empty);
    }
    let used = with(
        good,
        &[("use", json!("sig")), ("key_ops", json!(["verify"]))],
    );
    assert!(parse(&[used]).is_ok());
}

#[test]
fn a_set_that_must_not_be_used_is_refused_with_its_reason() {
    let ec = || OWN.jwk(Algorithm::ES256);
    let rsa = || OWN.jwk(Algorithm::RS256);
    let short = |length| json!(dockgate_token::encode_segment(&vec![0xA5; length]));
    let mut half = vec![0xA5; 256];
    half[0] = 0x7F;
    let half = json!(dockgate_token::encode_segment(&half));
    // Made by the flawed library's recipe.
    let flawed = include_str!("../import/flawed_rsa.json");
    let flawed: serde_json::Value = serde_json::from_str(flawed).unwrap();
    let mut table = vec![
        (vec![with(rsa(), &[("n", half)])], KeySetError::RsaSize(1)),
        (vec![], KeySetError::Empty),
        (vec![ec(); 17], KeySetError::TooMany),
        (
            vec![ec(), json!({ "kty": "oct", "k": "AA" })],
            KeySetError::Symmetric(2),
        ),
        (
            vec![with(ec(), &[("k", json!("AA"))])],
            KeySetError::Symmetric(1),
        ),
        (
            vec![with(rsa(), &[("n", short(255))])],
            KeySetError::RsaSize(1),
        ),
        (
            vec![with(rsa(), &[("n", short(128))])],
            KeySetError::RsaSize(1),
        ),
        (
            vec![with(rsa(), &[("n", short(1025))])],
            KeySetError::RsaSize(1),
        ),
        (
            vec![ec(), with(rsa(), &[("n", flawed["n"].clone())])],
            KeySetError::RsaWeak(2),
        ),
        (
            vec![with(rsa(), &[("n", json!("!"))])],
            KeySetError::Broken(1),
        ),
        (
            vec![with(rsa(), &[("e", json!("AQ"))])],
            KeySetError::Broken(1),
        ),
        (
            vec![with(ec(), &[("x", ec()["y"].clone())])],
            KeySetError::Broken(1),
        ),
        (
            vec![with(ec(), &[("x", json!("AA"))])],
            KeySetError::Broken(1),
        ),
        (
            vec![with(ec(), &[("kid", json!("a"))]); 2],
            KeySetError::Repeated(2),
        ),
    ];
    // 1, an even number, nothing, zeros before it, more than 32 bits.
    for e in ["AQ", "AQAA", "", "AAEAAQ", "AQAAAAAB"] {
        let key = with(rsa(), &[("e", json!(e))]);
        table.push((vec![key], KeySetError::Broken(1)));
    }
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        // Also in a key that would be passed over.
        let members = [(private, json!("AA")), ("use", json!("enc"))];
        table.push((vec![with(rsa(), &members)], KeySetError::Private(1)));
    }
    for (keys, reason) in table {
        assert_eq!(parse(&keys).unwrap_err(), reason, "{keys:?}");
    }
    for text in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":[{}]}"#,
        r#"{"keys":[{"kty":"RSA","kty":"oct"}]}"#,
        r#"{"keys":[],"keys":[]}"#,
    ] {
        let refused = VerificationKeys::parse(text.as_bytes()).unwrap_err();
        assert_eq!(refused, KeySetError::Malformed, "{text}");
    }
}
