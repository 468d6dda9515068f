//! The algorithm that a token names.

use aws_lc_rs::hmac;
use dockgate_token::{Algorithm, encode_segment, signing_input};
use serde_json::{Value, json};

use crate::{Corpus, Verdict, bad_token, remove, sign_bytes};

const NOT_ALLOWED: Verdict = bad_token("algorithm_not_allowed");
const MISMATCH: Verdict = bad_token("algorithm_mismatch");

pub(crate) fn add(corpus: &mut Corpus<'_>) {
    let names = ["none", "None", "NONE", "nOnE", "", "none "].map(|name| json!(name));
    let odd = [
        json!(null),
        json!(1),
        json!(["ES256"]),
        json!({"alg": "ES256"}),
    ];
    let values: Vec<(&str, Value)> = names
        .into_iter()
        .chain(odd)
        .map(|alg| ("alg", alg))
        .collect();
    corpus.header_cases("N20", NOT_ALLOWED, &values);
    let token = corpus.with_header(Algorithm::ES256, |header| remove(header, "alg"));
    corpus.token("N20", "no alg", token, NOT_ALLOWED);
    let escaped = br#"{"alg":"n\u006fne","kid":"ES256","typ":"at+jwt"}"#;
    let token = corpus.with_raw_header(escaped);
    corpus.token("N20", "none with an escape", token, NOT_ALLOWED);
    let unsigned = corpus.with_header(Algorithm::ES256, |header| header["alg"] = json!("none"));
    let (input, _) = unsigned.rsplit_once('.').unwrap_or_default();
    corpus.token(
        "N20",
        "none without a signature",
        format!("{input}."),
        bad_token("token_structure"),
    );

    symmetric(corpus);
    for (id, signed, claimed) in [
        ("N22", Algorithm::RS256, "PS256"),
        ("N22", Algorithm::PS256, "RS256"),
        ("N22", Algorithm::RS256, "RS512"),
        ("N22", Algorithm::RS512, "RS256"),
        ("N23", Algorithm::ES384, "ES256"),
        ("N23", Algorithm::ES256, "ES384"),
    ] {
        let token = corpus.with_header(signed, |header| header["alg"] = json!(claimed));
        corpus.token(
            id,
            format!("{claimed} on a key for {signed}"),
            token,
            MISMATCH,
        );
    }
    let values = |names: &[&str]| -> Vec<(&'static str, Value)> {
        names.iter().map(|name| ("alg", json!(name))).collect()
    };
    corpus.header_cases("N24", NOT_ALLOWED, &values(&["ES256K", "ES512"]));
    corpus.header_cases("N25", NOT_ALLOWED, &values(&["Ed25519", "Ed448", "X25519"]));
    corpus.header_cases(
        "N26",
        NOT_ALLOWED,
        &values(&["es256", "Es256", "rs256", "eddsa"]),
    );
    for (first, last) in [("ES256", "none"), ("none", "ES256"), ("ES256", "ES256")] {
        let header = format!(r#"{{"alg":"{first}","kid":"ES256","typ":"at+jwt","alg":"{last}"}}"#);
        let token = corpus.with_raw_header(header.as_bytes());
        corpus.token(
            "N27",
            format!("alg {first}, then {last}"),
            token,
            bad_token("header_not_json"),
        );
    }
    corpus.header_cases(
        "N28",
        NOT_ALLOWED,
        &values(&["RSA1_5", "dir", "A128KW", "ECDH-ES"]),
    );
}

/// A public key taken for a secret: whatever its form, the algorithm is not on the list.
fn symmetric(corpus: &mut Corpus<'_>) {
    let jwks = corpus.keys.jwks();
    let jwk = jwks["keys"][0].to_string();
    let modulus = jwks["keys"][0]["n"].as_str().unwrap_or_default().to_owned();
    for (name, algorithm) in [
        ("HS256", hmac::HMAC_SHA256),
        ("HS384", hmac::HMAC_SHA384),
        ("HS512", hmac::HMAC_SHA512),
    ] {
        for (form, secret) in [("the JWK", &jwk), ("the modulus", &modulus)] {
            let header = json!({"alg": name, "kid": "RS256", "typ": "at+jwt"}).to_string();
            let input = signing_input(header.as_bytes(), corpus.claims().to_string().as_bytes());
            let tag = hmac::sign(
                &hmac::Key::new(algorithm, secret.as_bytes()),
                input.as_bytes(),
            );
            let token = format!("{input}.{}", encode_segment(tag.as_ref()));
            corpus.token(
                "N21",
                format!("{name} with {form} as the secret"),
                token,
                NOT_ALLOWED,
            );
        }
    }
    // The header says the key's own algorithm, and the tag is still no signature.
    let header = crate::header(Algorithm::RS256).to_string();
    let forged = sign_bytes(
        corpus.keys,
        Algorithm::ES256,
        header.as_bytes(),
        corpus.claims().to_string().as_bytes(),
    );
    corpus.token(
        "N21",
        "RS256 over a signature of another kind",
        forged,
        bad_token("bad_signature"),
    );
}
