//! Header parameters that change what a token means (RFC 7515 §4.1.11, RFC 7797, RFC 7516 §4.1.3).

use dockgate_token::Algorithm;
use serde_json::json;

use crate::{Corpus, Verdict, bad_token};

pub(crate) fn add(corpus: &mut Corpus<'_>) {
    let critical = bad_token("critical_extension");
    for (id, value) in [
        ("N50", json!(["unknown"])),
        ("N51", json!([])),
        ("N52", json!("exp")),
        ("N53", json!(["alg"])),
        ("N54", json!(["absent"])),
    ] {
        corpus.header_cases(id, critical, &[("crit", value)]);
    }
    for b64 in [false, true] {
        corpus.header_cases("N55", critical, &[("b64", json!(b64))]);
        let token = corpus.with_header(Algorithm::ES256, |header| {
            header["b64"] = json!(b64);
            header["crit"] = json!(["b64"]);
        });
        corpus.token("N55", format!("b64 {b64} with crit"), token, critical);
    }
    // `zip` is a parameter of JWE and means nothing in a JWS.
    corpus.header_cases("N56", Verdict::Passes, &[("zip", json!("DEF"))]);
    let payload = [0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01];
    let token = corpus.with_payload(&payload);
    corpus.token(
        "N56",
        "a compressed payload",
        token,
        bad_token("claims_not_json"),
    );
}
