//! Files, good and bad. The keys are made anew: none is written down here.

use aws_lc_rs::encoding::{AsBigEndian as _, AsDer, EcPrivateKeyRfc5915Der};
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;
use crate::keys::signing_key::generate;

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<_> = body.as_bytes().chunks(64).map(str::from_utf8).collect();
    let lines: Vec<_> = lines.into_iter().map(Result::unwrap).collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

fn rsa() -> PrivateKey {
    generate(Algorithm::RS256).unwrap()
}

/// What stands behind the algorithm in PKCS#8: PKCS#1.
fn pkcs1(key: &PrivateKey) -> &[u8] {
    &key.expose_pkcs8()[26..]
}

fn p256() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The numbers of a PKCS#1 key (RFC 8017 Appendix A.1.2), each without a zero in front.
fn numbers(mut der: &[u8]) -> Vec<Vec<u8>> {
    let mut take = |whole: bool| {
        let (length, head) = match der[1] {
            short @ ..=0x80 => (usize::from(short), 2),
            0x81 => (usize::from(der[2]), 3),
            _ => (usize::from(der[2]) << 8 | usize::from(der[3]), 4),
        };
        let end = if whole { head } else { head + length };
        let value = der[head..end].to_vec();
        der = &der[end..];
        value
    };
    take(true);
    let numbers = (0..9).map(|_| take(false));
    let shortest = |number: Vec<u8>| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        number[zeros..].to_vec()
    };
    numbers.map(shortest).collect()
}

fn rsa_jwk(key: &PrivateKey) -> Value {
    let numbers = numbers(pkcs1(key));
    let names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
    let mut jwk = json!({ "kty": "RSA", "kid": "theirs", "alg": "PS256", "use": "sig" });
    for (name, number) in names.into_iter().zip(&numbers[1..]) {
        jwk[name] = text(number).into();
    }
    jwk
}

fn p256_jwk() -> Value {
    let pair = p256();
    let point = pair.public_key().as_ref();
    let private = pair.private_key();
    let d = private.as_be_bytes().unwrap();
    json!({
        "kty": "EC", "crv": "P-256",
        "x": text(&point[1..33]), "y": text(&point[33..]), "d": text(d.as_ref()),
    })
}

fn ed25519_jwk() -> Value {
    let pair = Ed25519KeyPair::generate().unwrap();
    let seed = pair.seed().unwrap();
    let d = seed.as_be_bytes().unwrap();
    json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "key_ops": ["sign"],
        "x": text(pair.public_key().as_ref()), "d": text(d.as_ref()),
    })
}

fn reason(file: &str) -> ImportError {
    read(file.as_bytes(), None, None).unwrap_err()
}

fn with(mut jwk: Value, member: &str, value: Value) -> String {
    jwk[member] = value;
    jwk.to_string()
}

fn without(mut jwk: Value, member: &str) -> String {
    jwk.as_object_mut().unwrap().remove(member).unwrap();
    jwk.to_string()
}

#[test]
fn pem_of_every_form_is_read() {
    let (rsa, ec) = (rsa(), p256());
    let ed = generate(Algorithm::EdDSA).unwrap();
    let sec1 = AsDer::<EcPrivateKeyRfc5915Der<'_>>::as_der(&ec.private_key()).unwrap();
    let pkcs8 = ec.to_pkcs8v1().unwrap();
    for (file, algorithm) in [
        (pem("PRIVATE KEY", rsa.expose_pkcs8()), Algorithm::RS256),
        (pem("RSA PRIVATE KEY", pkcs1(&rsa)), Algorithm::RS256),
        (pem("PRIVATE KEY", pkcs8.as_ref()), Algorithm::ES256),
        (pem("EC PRIVATE KEY", sec1.as_ref()), Algorithm::ES256),
        (pem("PRIVATE KEY", ed.expose_pkcs8()), Algorithm::EdDSA),
    ] {
        let imported = read(file.as_bytes(), None, None).unwrap();
        assert_eq!((imported.algorithm, imported.kid), (algorithm, None));
    }
    let file = pem("RSA PRIVATE KEY", pkcs1(&rsa));
    let imported = read(file.as_bytes(), Some(Algorithm::PS256), None).unwrap();
    assert_eq!(imported.algorithm, Algorithm::PS256);
    assert_eq!(
        imported.private_key, rsa,
        "the same key, whatever it was written as"
    );
}

#[test]
fn an_ed25519_key_as_openssl_writes_it_is_read() {
    let seed = [7; 32];
    // RFC 8410 §7: version 0, id-Ed25519, the seed in two octet strings, no public key.
    let head = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let file = pem("PRIVATE KEY", &[head.as_slice(), &seed].concat());
    let imported = read(file.as_bytes(), None, None).unwrap();
    assert_eq!(imported.algorithm, Algorithm::EdDSA);
}

#[test]
fn jwks_are_read_with_what_they_say_of_themselves() {
    let key = rsa();
    let imported = read(rsa_jwk(&key).to_string().as_bytes(), None, None).unwrap();
    assert_eq!(imported.algorithm, Algorithm::PS256);
    assert_eq!(imported.kid, Some("theirs".parse().unwrap()));
    assert_eq!(imported.private_key, key);
    let other: KeyId = "other".parse().unwrap();
    let jwk = p256_jwk().to_string();
    let imported = read(jwk.as_bytes(), None, Some(other.clone())).unwrap();
    assert_eq!(
        (imported.algorithm, imported.kid),
        (Algorithm::ES256, Some(other))
    );
    let jwk = ed25519_jwk().to_string();
    let imported = read(jwk.as_bytes(), Some(Algorithm::EdDSA), None).unwrap();
    assert_eq!((imported.algorithm, imported.kid), (Algorithm::EdDSA, None));
}

#[test]
fn a_key_is_used_with_an_algorithm_of_its_own() {
    for (file, asked) in [
        (p256_jwk().to_string(), Algorithm::RS256),
        (ed25519_jwk().to_string(), Algorithm::ES256),
        (rsa_jwk(&rsa()).to_string(), Algorithm::RS256),
    ] {
        let refused = read(file.as_bytes(), Some(asked), None).unwrap_err();
        assert_eq!(refused, ImportError::OtherAlgorithm(asked));
    }
    let named = with(p256_jwk(), "alg", "EdDSA".into());
    assert_eq!(
        reason(&named),
        ImportError::OtherAlgorithm(Algorithm::EdDSA)
    );
    let named = with(p256_jwk(), "alg", "HS256".into());
    assert_eq!(reason(&named), ImportError::UnknownAlgorithm);
}

#[test]
fn jwks_that_do_not_sign_are_refused_with_their_reason() {
    let rsa = rsa_jwk(&rsa());
    for (file, expected) in [
        ("{".to_owned(), ImportError::Unknown),
        ("{}".to_owned(), ImportError::Unknown),
        (
            json!({ "keys": [p256_jwk()] }).to_string(),
            ImportError::Set,
        ),
        (
            json!({ "kty": "oct", "k": "AAAA" }).to_string(),
            ImportError::Symmetric,
        ),
        (without(p256_jwk(), "d"), ImportError::Public),
        (without(ed25519_jwk(), "d"), ImportError::Public),
        (without(rsa.clone(), "d"), ImportError::Public),
        (without(rsa.clone(), "qi"), ImportError::Public),
        (without(p256_jwk(), "x"), ImportError::Broken),
        (with(p256_jwk(), "use", "enc".into()), ImportError::OtherUse),
        (
            with(p256_jwk(), "key_ops", json!(["verify"])),
            ImportError::OtherUse,
        ),
        (with(p256_jwk(), "kid", "".into()), ImportError::BadKid),
        (
            with(p256_jwk(), "crv", "P-384".into()),
            ImportError::OtherKind,
        ),
        (
            with(p256_jwk(), "d", p256_jwk()["d"].clone()),
            ImportError::Broken,
        ),
        (with(p256_jwk(), "x", "AAAA".into()), ImportError::Broken),
        (
            with(ed25519_jwk(), "d", ed25519_jwk()["d"].clone()),
            ImportError::Broken,
        ),
        (
            with(ed25519_jwk(), "crv", "Ed448".into()),
            ImportError::OtherKind,
        ),
        (
            with(rsa.clone(), "n", rsa["d"].clone()),
            ImportError::BrokenRsa,
        ),
        (
            with(rsa.clone(), "d", rsa["n"].clone()),
            ImportError::BrokenRsa,
        ),
        (with(rsa.clone(), "e", "Aw".into()), ImportError::BrokenRsa),
        (with(rsa.clone(), "oth", json!([])), ImportError::OtherKind),
    ] {
        assert_eq!(reason(&file), expected, "{}", expected);
    }
    let twice = p256_jwk().to_string().replacen('{', r#"{"kty":"EC","#, 1);
    assert_eq!(reason(&twice), ImportError::Unknown);
}

#[test]
fn files_that_are_no_key_are_refused_with_their_reason() {
    let key = pem("PRIVATE KEY", p256().to_pkcs8v1().unwrap().as_ref());
    for (file, expected) in [
        (String::new(), ImportError::Unknown),
        ("no key".to_owned(), ImportError::Unknown),
        (pem("PUBLIC KEY", b"x"), ImportError::Public),
        (pem("CERTIFICATE", b"x"), ImportError::Public),
        (pem("PRIVATE KEY", b"x"), ImportError::OtherKind),
        (pem("RSA PRIVATE KEY", b"x"), ImportError::BrokenRsa),
        (pem("EC PRIVATE KEY", b"x"), ImportError::OtherKind),
        (pem("ENCRYPTED PRIVATE KEY", b"x"), ImportError::Encrypted),
        (format!("{key}{key}"), ImportError::Several),
        ("x".repeat(MAX_BYTES + 1), ImportError::TooLong),
    ] {
        assert_eq!(reason(&file), expected);
    }
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    assert_eq!(reason(old), ImportError::Encrypted);
}

/// A key as the flawed library made them, which nobody uses: its primes are k M + (65537^a mod M), with
/// M the product of the first 126 primes.
const FLAWED: &str = include_str!("flawed_rsa.json");

#[test]
fn an_rsa_key_that_others_can_work_out_is_refused() {
    assert_eq!(reason(FLAWED), ImportError::RsaWeak);
    assert!(ImportError::RsaWeak.to_string().contains("CVE-2017-15361"));
    // Apart from that it is a key like any other, in the other format too.
    let jwk: Value = serde_json::from_str(FLAWED).unwrap();
    let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let numbers = ["n", "e", "d", "p", "q", "dp", "dq", "qi"].map(part);
    let [n, e, d, p, q, dp, dq, qi] = numbers.each_ref().map(Vec::as_slice);
    let key = RsaKeyPair::from_components(&KeyPairComponents {
        public_key: PublicKeyComponents { n, e },
        d,
        p,
        q,
        dP: dp,
        dQ: dq,
        qInv: qi,
    });
    let der = key.unwrap().as_der().unwrap();
    assert_eq!(
        reason(&pem("PRIVATE KEY", der.as_ref())),
        ImportError::RsaWeak
    );
}

#[test]
fn an_rsa_key_that_is_short_is_named_as_one() {
    // 1024 bits of `n`: the parser never comes to the rest.
    let short = with(rsa_jwk(&rsa()), "n", text(&[0xA5; 128]).into());
    assert_eq!(reason(&short), ImportError::BrokenRsa);
    assert!(ImportError::BrokenRsa.to_string().contains("2048 to 4096"));
}
