//! Which key a token names, and keys that it brings along.

use dockgate_token::Algorithm;
use serde_json::{Value, json};

use crate::{Corpus, Keys, Verdict, bad_token, header, remove, sign};

pub(crate) fn add(corpus: &mut Corpus<'_>) {
    let unknown = bad_token("unknown_key");
    corpus.header_cases(
        "N30",
        unknown,
        &[("kid", json!("nobody")), ("kid", json!("es256"))],
    );
    // The key set has one key for the algorithm, so that leaves no choice.
    let token = corpus.with_header(Algorithm::ES256, |header| remove(header, "kid"));
    corpus.token("N31", "no kid", token, Verdict::Passes);
    let bad = bad_token("bad_key_id");
    let odd = [
        json!(1),
        json!(null),
        json!(["ES256"]),
        json!({}),
        json!(""),
        json!("k".repeat(256)),
    ];
    corpus.header_cases("N32", bad, &odd.map(|kid| ("kid", kid)));
    for kid in [
        "../../dev/null",
        "' OR 1=1 --",
        "https://evil.example/key",
        "ES256\u{0}",
        "ES256 ",
    ] {
        let token = corpus.with_header(Algorithm::ES256, |header| header["kid"] = json!(kid));
        corpus.token("N33", format!("kid is {kid:?}"), token, unknown);
    }
    let long = json!("k".repeat(65_536));
    let token = corpus.with_header(Algorithm::ES256, |header| header["kid"] = long);
    corpus.values(
        "N33",
        "a kid of 64 KiB",
        &[&[b"Bearer ", token.as_bytes()].concat()],
        bad_token("token_too_long"),
        crate::InEnvoy::Answers(431),
    );
    brought_along(corpus);
    let token = corpus.with_header(Algorithm::RS256, |header| header["alg"] = json!("ES256"));
    corpus.token(
        "N41",
        "the key's alg is another",
        token,
        bad_token("algorithm_mismatch"),
    );
    let mut own = header(Algorithm::ES256);
    own["kid"] = json!("RS256");
    let token = sign(corpus.keys, Algorithm::ES256, &own, &corpus.claims());
    corpus.token(
        "N41",
        "another key's name",
        token,
        bad_token("algorithm_mismatch"),
    );
}

/// Only the issuer's keys count (RFC 8725 §3.10): a key in the header changes nothing.
fn brought_along(corpus: &mut Corpus<'_>) {
    let stranger = Keys::generate();
    let jwk = stranger.jwks()["keys"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|key| key["kid"] == "ES256")
        .cloned()
        .unwrap_or_default();
    let members: [(&str, &str, Value); 4] = [
        ("N35", "jwk", jwk),
        ("N36", "jku", json!("http://127.0.0.1:9/jwks.json")),
        ("N36", "x5u", json!("http://127.0.0.1:9/cert.pem")),
        ("N37", "x5c", json!(["MIIB"])),
    ];
    for (id, member, value) in members {
        let mut header = header(Algorithm::ES256);
        header[member] = value;
        let forged = sign(&stranger, Algorithm::ES256, &header, &corpus.claims());
        let name = format!("signed by the key in {member}");
        corpus.token(id, name, forged, bad_token("bad_signature"));
        let good = sign(corpus.keys, Algorithm::ES256, &header, &corpus.claims());
        let name = format!("{member} beside a good signature is passed over");
        corpus.token(id, name, good, Verdict::Passes);
    }
    let mut header = header(Algorithm::ES256);
    header["x5t"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let good = sign(corpus.keys, Algorithm::ES256, &header, &corpus.claims());
    corpus.token(
        "N38",
        "an x5t that fits nothing is passed over",
        good,
        Verdict::Passes,
    );
}
