//! Times. The filter's leeway is 30 seconds; cases keep away from its edge, since the clock of a
//! running Envoy moves on.

use serde_json::{Value, json};

use crate::{Corpus, Verdict, bad_token, remove};

pub(crate) fn add(corpus: &mut Corpus<'_>) {
    let now = corpus.now;
    let bad = bad_token("bad_claim");
    let token = corpus.with_claims(|claims| remove(claims, "exp"));
    corpus.token("N90", "no exp", token, bad);
    let odd = [
        json!(null),
        json!(""),
        json!((now + 300).to_string()),
        json!(true),
        json!([]),
        json!({}),
    ];
    corpus.claim_cases("N90", bad, &odd.map(|exp| ("exp", exp)));
    numbers(corpus);
    let expired = bad_token("expired");
    corpus.claim_cases("N92", expired, &[("exp", json!(now - 31))]);
    corpus.claim_cases("N92", Verdict::Passes, &[("exp", json!(now + 20))]);
    corpus.claim_cases(
        "N93",
        bad_token("not_yet_valid"),
        &[("nbf", json!(now + 120))],
    );
    corpus.claim_cases(
        "N93",
        Verdict::Passes,
        &[("nbf", json!(now - 1)), ("nbf", json!(now + 25))],
    );
    let odd = [json!(now.to_string()), json!(null), json!(true), json!(-1)];
    corpus.claim_cases("N93", bad, &odd.map(|nbf| ("nbf", nbf)));
    corpus.claim_cases(
        "N94",
        bad_token("issued_in_future"),
        &[("iat", json!(now + 120))],
    );
    let odd = [json!(now.to_string()), json!(null), json!(-1)];
    corpus.claim_cases("N94", bad, &odd.map(|iat| ("iat", iat)));
    let token = corpus.with_claims(|claims| remove(claims, "iat"));
    corpus.token("N94", "no iat", token, bad);
    let token = corpus.with_claims(|claims| {
        claims["exp"] = json!(now - 60);
        claims["nbf"] = json!(now + 120);
    });
    corpus.token("N95", "exp before nbf", token, expired);
}

/// `exp` as numbers that other verifiers have read as the far future, or as nothing.
fn numbers(corpus: &mut Corpus<'_>) {
    let (bad, expired) = (bad_token("bad_claim"), bad_token("expired"));
    let later = corpus.now + 300;
    let raw = [
        (format!("{later}.5"), Verdict::Passes),
        (format!("{later}e0"), Verdict::Passes),
        ("1.7e9".to_owned(), expired),
        ("0".to_owned(), expired),
        ("-0".to_owned(), bad),
        ("-1".to_owned(), bad),
        ("-1.5".to_owned(), bad),
        ("4294967296".to_owned(), Verdict::Passes),
        ("9007199254740992".to_owned(), Verdict::Passes),
        ("9007199254740993".to_owned(), bad),
        ("9223372036854775808".to_owned(), bad),
        ("18446744073709551616".to_owned(), bad),
        ("1e308".to_owned(), bad),
    ];
    for (number, verdict) in raw {
        let payload = text_with(&corpus.claims(), &number);
        let token = corpus.with_payload(payload.as_bytes());
        corpus.token("N91", format!("exp is {number}"), token, verdict);
    }
}

fn text_with(claims: &Value, exp: &str) -> String {
    let own = format!("\"exp\":{}", claims["exp"]);
    claims.to_string().replace(&own, &format!("\"exp\":{exp}"))
}
