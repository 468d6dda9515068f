use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

// The Ed25519 key of RFC 8037 Appendix A.2, the P-256 and RSA keys of RFC 7517 Appendix A.1.
fn ed25519(kid: &str) -> Value {
    json!({"kty":"OKP","crv":"Ed25519","kid":kid,"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
}

fn p256(kid: &str) -> Value {
    json!({"kty":"EC","crv":"P-256","kid":kid,"x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})
}

fn rsa(kid: &str) -> Value {
    json!({"kty":"RSA","kid":kid,"e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"})
}

fn with(mut jwk: Value, member: &str, value: Value) -> Value {
    jwk[member] = value;
    jwk
}

fn parse(keys: &[Value]) -> Result<(KeySet, Vec<SkippedKey>), JwksError> {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
}

#[test]
fn each_supported_type_is_read_with_its_natural_algorithm() {
    let (set, skipped) = parse(&[
        rsa("r"),
        p256("e"),
        ed25519("o"),
        with(rsa("p"), "alg", json!("PS256")),
    ])
    .unwrap();
    assert_eq!(skipped, []);
    let algorithms: Vec<Algorithm> = set.keys().iter().map(VerificationKey::algorithm).collect();
    assert_eq!(
        algorithms,
        [
            Algorithm::RS256,
            Algorithm::ES256,
            Algorithm::EdDSA,
            Algorithm::PS256
        ]
    );
}

#[test]
fn one_bad_key_never_takes_the_good_one_away() {
    for (bad, fault) in [
        (json!(1), KeyFault::BadMember),
        (json!({}), KeyFault::UnknownType),
        (json!({"kty":"oct","k":"AAAA"}), KeyFault::Private),
        (with(ed25519("b"), "d", json!("AAAA")), KeyFault::Private),
        (with(ed25519("b"), "kid", json!(1)), KeyFault::BadKeyId),
        (with(ed25519("b"), "use", json!("enc")), KeyFault::OtherUse),
        (with(ed25519("b"), "use", json!(1)), KeyFault::OtherUse),
        (
            with(ed25519("b"), "key_ops", json!(["sign"])),
            KeyFault::OtherUse,
        ),
        (with(ed25519("b"), "key_ops", json!([])), KeyFault::OtherUse),
        (
            with(ed25519("b"), "alg", json!("ES256")),
            KeyFault::OtherAlgorithm,
        ),
        (
            with(ed25519("b"), "alg", json!("none")),
            KeyFault::OtherAlgorithm,
        ),
        (
            with(ed25519("b"), "crv", json!("Ed448")),
            KeyFault::UnknownType,
        ),
        (with(ed25519("b"), "x", json!("AAAA")), KeyFault::Weak),
        (with(ed25519("b"), "x", json!(URL_ZERO)), KeyFault::Weak),
        (
            with(
                p256("b"),
                "y",
                json!("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"),
            ),
            KeyFault::Weak,
        ),
        (with(p256("b"), "x", json!("AA")), KeyFault::Weak),
        (with(rsa("b"), "e", json!("Aw")), KeyFault::Weak),
        (with(rsa("b"), "n", json!("AQAB")), KeyFault::Weak),
        (
            with(rsa("b"), "n", json!("not base64!")),
            KeyFault::BadMember,
        ),
    ] {
        let (set, skipped) = parse(&[bad.clone(), ed25519("good")]).unwrap();
        let told: Vec<_> = skipped
            .iter()
            .map(|key| (key.position, key.fault))
            .collect();
        assert_eq!(told, [(0, fault)], "{bad}");
        assert_eq!(set.keys().len(), 1);
    }
}

const URL_ZERO: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn sets_and_members_may_be_as_large_as_the_limits_say() {
    let keys: Vec<Value> = (0..100).map(|kid| ed25519(&kid.to_string())).collect();
    assert_eq!(parse(&keys).unwrap().0.keys().len(), 100);
    let document = json!({ "keys": [ed25519("a")] }).to_string();
    let padded = |bytes: usize| document.clone() + &" ".repeat(bytes - document.len());
    assert!(KeySet::parse(padded(256 * 1024).as_bytes()).is_ok());
    assert_eq!(
        KeySet::parse(padded(256 * 1024 + 1).as_bytes()).unwrap_err(),
        JwksError::TooLong
    );
    for (member, value) in [("e", ""), ("e", "AAAAAAAAAQABAQAB"), ("n", "")] {
        let (_, skipped) = parse(&[with(rsa("b"), member, json!(value)), ed25519("good")]).unwrap();
        assert_eq!(skipped[0].fault, KeyFault::BadMember, "{member} {value}");
    }
}

#[test]
fn a_key_may_say_that_it_verifies() {
    let key = with(
        with(ed25519("a"), "use", json!("sig")),
        "key_ops",
        json!(["verify"]),
    );
    assert_eq!(parse(&[key]).unwrap().1, []);
}

#[test]
fn of_keys_with_one_name_the_one_for_the_algorithm_is_taken() {
    let (set, _) = parse(&[ed25519("same"), p256("same"), rsa("same")]).unwrap();
    let name = "same".parse().unwrap();
    for algorithm in [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256] {
        assert_eq!(
            set.find(Some(&name), algorithm).unwrap().algorithm(),
            algorithm
        );
    }
}

#[test]
fn a_key_shows_its_name_and_is_handed_to_a_host_as_spki() {
    let (set, _) = parse(&[ed25519("a"), p256("b"), rsa("c")]).unwrap();
    assert_eq!(format!("{:?}", set.keys()[0]), "VerificationKey(a, EdDSA)");
    // The lengths of an SPKI for Ed25519, for P-256 uncompressed, and for RSA of 2048 bits.
    let lengths: Vec<usize> = set.keys().iter().map(|key| key.spki_der().len()).collect();
    assert_eq!(lengths, [44, 91, 294]);
}

#[test]
fn a_member_named_twice_spoils_its_own_key_alone() {
    let good = ed25519("good");
    let document = format!(r#"{{"keys":[{{"kty":"OKP","kty":"RSA"}},{good}]}}"#);
    let (set, skipped) = KeySet::parse(document.as_bytes()).unwrap();
    assert_eq!((set.keys().len(), skipped.len()), (1, 1));
}

#[test]
fn two_keys_of_one_name_and_algorithm_are_both_refused() {
    // The key of RFC 8032 §7.1, test 2, under the other's name.
    let other = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";
    let second = with(ed25519("same"), "x", json!(other));
    let (set, skipped) = parse(&[ed25519("same"), second, p256("same")]).unwrap();
    assert_eq!(skipped.len(), 2);
    assert_eq!(set.keys().len(), 1);
}

#[test]
fn a_key_that_is_listed_twice_is_one_key() {
    let mut nameless = ed25519("");
    nameless.as_object_mut().unwrap().remove("kid");
    for keys in [
        [ed25519("same"), ed25519("same")],
        [nameless.clone(), nameless],
    ] {
        let (set, skipped) = parse(&keys).unwrap();
        assert_eq!(skipped, []);
        assert_eq!(set.keys().len(), 1);
        assert!(set.find(None, Algorithm::EdDSA).is_some());
    }
}

#[test]
fn documents_that_are_no_key_set() {
    for document in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        "<html>",
        r#"{"keys":[],"keys":[]}"#,
    ] {
        assert_eq!(
            KeySet::parse(document.as_bytes()).unwrap_err(),
            JwksError::NotAKeySet,
            "{document}"
        );
    }
    assert_eq!(parse(&[]).unwrap_err(), JwksError::NoUsableKey);
    assert_eq!(
        parse(&vec![json!({}); 101]).unwrap_err(),
        JwksError::TooManyKeys
    );
    assert_eq!(
        KeySet::parse(&vec![b' '; 300 * 1024]).unwrap_err(),
        JwksError::TooLong
    );
}

#[test]
fn keys_are_found_by_name_or_by_being_the_only_one() {
    let (set, _) = parse(&[ed25519("a"), p256("b"), p256("c")]).unwrap();
    let find = |kid: Option<&str>, algorithm| {
        let kid = kid.map(|kid| kid.parse().unwrap());
        set.find(kid.as_ref(), algorithm)
            .map(|key| key.key_id().unwrap().to_string())
    };
    assert_eq!(find(Some("b"), Algorithm::ES256).as_deref(), Some("b"));
    assert_eq!(find(Some("b"), Algorithm::RS256).as_deref(), Some("b"));
    assert_eq!(find(Some("x"), Algorithm::ES256), None);
    assert_eq!(find(None, Algorithm::EdDSA).as_deref(), Some("a"));
    assert_eq!(find(None, Algorithm::ES256), None);
}

#[test]
fn another_bad_key_in_the_same_place_is_told_from_the_first() {
    let told = |bad: Value| fingerprint(&parse(&[bad, ed25519("good")]).unwrap().1);
    let private = |kid: &str| with(ed25519(kid), "d", json!("AAAA"));
    assert_eq!(told(private("a")), told(private("a")));
    assert_ne!(told(private("a")), told(private("b")));
    assert_ne!(
        told(private("a")),
        told(with(private("a"), "d", json!("BBBB")))
    );
    assert_eq!(told(ed25519("fine")), 0);
}

/// A modulus whose primes were made as the flawed library makes them, p = k M + (65537^a mod M), for a
/// key that nobody uses.
const ROCA: &str = "oGz9Gk3s4D7Bza7PUFclHyF4yaKljRknqc1XnUM_91F4ys5D-7Pbs2tvqrtPqR_hFayLrROlwwNxOOINHhtgumD1yC1ATvBarUrScTCx46c1OwESdflLRzwN4CBuAZ4cYNdUXP4AeVpx1Kw_ZtLuSjNdz_qrB9Sqi09BCcuK6FgZ7crOHKOy45jWCA4UaofSAjAWvPpCN2kl4coCkV05fL4o-_TTb79eVpeH7nVbStSjEkJFu5oyPO3MR9GDs5dVr7P_MnNov0TunJAi9aEGVsasZUuRz28tEpNOI5dL00e_9i4HgMBWo_IY00FF5NvABbUcAO-BVmR1GLTxgtEtyw";

#[test]
fn rsa_keys_that_are_weak_are_passed_over() {
    let good = rsa("r")["n"].as_str().unwrap().to_owned();
    let good = URL_SAFE_NO_PAD.decode(good).unwrap();
    let encoded = |n: &[u8]| json!(URL_SAFE_NO_PAD.encode(n));
    let mut even = good.clone();
    *even.last_mut().unwrap() &= 0xFE;
    let mut short = good[..128].to_vec();
    *short.last_mut().unwrap() |= 1;
    let mut long = good.repeat(3);
    *long.last_mut().unwrap() |= 1;
    for (name, member, value) in [
        ("ROCA", "n", json!(ROCA)),
        ("an even modulus", "n", encoded(&even)),
        ("1024 bits", "n", encoded(&short)),
        ("2040 bits", "n", encoded(&good[1..])),
        ("1", "n", json!("AQ")),
        ("an exponent of 1", "e", json!("AQ")),
        ("an exponent of 3", "e", json!("Aw")),
        ("an even exponent", "e", json!("AQAA")),
    ] {
        let (set, skipped) = parse(&[with(rsa("b"), member, value), rsa("good")]).unwrap();
        assert_eq!(skipped.len(), 1, "{name}");
        assert_eq!(
            (skipped[0].position, skipped[0].fault),
            (0, KeyFault::Weak),
            "{name}"
        );
        assert_eq!(set.keys().len(), 1, "{name}");
    }
    let (_, skipped) = parse(&[with(rsa("b"), "n", encoded(&long)), rsa("good")]).unwrap();
    assert_eq!(skipped[0].fault, KeyFault::BadMember, "6144 bits");
}
