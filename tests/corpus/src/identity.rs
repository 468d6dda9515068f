//! Whose token it is, for whom, and what it allows.

use dockgate_token::Algorithm;
use serde_json::{Value, json};

use crate::{Corpus, ISSUER, Verdict, bad_token, header, remove, sign};

pub(crate) fn add(corpus: &mut Corpus<'_>) {
    issuers(corpus);
    audiences(corpus);
    scopes(corpus);
    let bad = bad_token("bad_claim");
    for claim in ["sub", "client_id", "jti"] {
        let odd = [json!(""), json!(1), json!(null), json!(["x"])];
        corpus.claim_cases("RS-012", bad, &odd.map(|value| (claim, value)));
        let token = corpus.with_claims(|claims| remove(claims, claim));
        corpus.token("RS-012", format!("no {claim}"), token, bad);
    }
    let unsafe_values = ["a\r\nx-admin: 1", "é", " a", "a ", "a\u{7f}"];
    let unsafe_values = unsafe_values.map(|value| ("sub", json!(value)));
    corpus.claim_cases("RS-012", bad_token("claim_not_header_safe"), &unsafe_values);
    types(corpus);
}

fn issuers(corpus: &mut Corpus<'_>) {
    let unknown = [
        format!("{ISSUER}/"),
        ISSUER.to_uppercase(),
        ISSUER.replace("https", "http"),
        format!("{ISSUER}:443"),
        format!("{ISSUER}%2F"),
        ISSUER.replace("forge", "f\u{43e}rge"),
        ISSUER.replace("forge", "xn--frge-6qa"),
    ];
    let unknown: Vec<(&str, Value)> = unknown.iter().map(|iss| ("iss", json!(iss))).collect();
    corpus.claim_cases("N101", bad_token("unknown_issuer"), &unknown);
    let odd = [
        json!([ISSUER]),
        json!([ISSUER, "x"]),
        json!(null),
        json!(1),
        json!({}),
        json!(""),
    ];
    corpus.claim_cases("N100", bad_token("bad_claim"), &odd.map(|iss| ("iss", iss)));
    let token = corpus.with_claims(|claims| remove(claims, "iss"));
    corpus.token("N100", "no iss", token, bad_token("bad_claim"));
}

fn audiences(corpus: &mut Corpus<'_>) {
    let own = "api-gateway";
    let good = [
        json!([own]),
        json!([own, "x"]),
        json!(["x", own]),
        json!([own, own]),
    ];
    corpus.claim_cases("N102", Verdict::Passes, &good.map(|aud| ("aud", aud)));
    let wrong = bad_token("wrong_audience");
    let none = [json!([]), json!("")];
    corpus.claim_cases("N103", wrong, &none.map(|aud| ("aud", aud)));
    let odd = [
        json!({}),
        json!(null),
        json!(0),
        json!([[own]]),
        json!([own, 1]),
    ];
    corpus.claim_cases("N103", bad_token("bad_claim"), &odd.map(|aud| ("aud", aud)));
    let token = corpus.with_claims(|claims| remove(claims, "aud"));
    corpus.token("N103", "no aud", token, bad_token("bad_claim"));
    let near = [
        "api-gatewa",
        "api-gateway2",
        "API-GATEWAY",
        " api-gateway",
        "api-gateway ",
        "*",
    ];
    corpus.claim_cases("N104", wrong, &near.map(|aud| ("aud", json!(aud))));
}

fn scopes(corpus: &mut Corpus<'_>) {
    let good = ["api:read", "openid api:read", "api:write  api:read"];
    corpus.claim_cases(
        "N105",
        Verdict::Passes,
        &good.map(|scope| ("scope", json!(scope))),
    );
    let short = Verdict::Refused(403, "insufficient_scope");
    let near = ["", "API:READ", "api:reads", "api:rea", "api:", "api:write"];
    corpus.claim_cases("N105", short, &near.map(|scope| ("scope", json!(scope))));
    let token = corpus.with_claims(|claims| {
        remove(claims, "scope");
        claims["scp"] = json!("api:read");
    });
    corpus.token("N105", "scp for scope", token, short);
    let odd = [
        json!(["api:read"]),
        json!(null),
        json!(1),
        json!({}),
        json!("api:write\tapi:read"),
    ];
    corpus.claim_cases(
        "N105",
        bad_token("bad_claim"),
        &odd.map(|scope| ("scope", scope)),
    );
    let many: Vec<String> = (0..200).map(|index| format!("s{index}")).collect();
    let many = format!("{} api:read", many.join(" "));
    // More than fits into a header, which a token must not be able to cut.
    corpus.claim_cases("N106", Verdict::Passes, &[("scope", json!(many))]);
    let thousand: Vec<String> = (0..1_000).map(|index| format!("s{index}")).collect();
    let thousand = format!("{} api:read", thousand.join(" "));
    corpus.claim_cases(
        "N106",
        bad_token("claim_not_header_safe"),
        &[("scope", json!(thousand))],
    );
}

/// The same key may sign other things than access tokens.
fn types(corpus: &mut Corpus<'_>) {
    let other = bad_token("not_an_access_token");
    let names = [
        "JWT",
        "id+jwt",
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "at+jwt; x",
        "at+jwt ",
        "",
    ];
    corpus.header_cases("N107", other, &names.map(|typ| ("typ", json!(typ))));
    corpus.header_cases(
        "N107",
        other,
        &[("typ", json!(null)), ("typ", json!(["at+jwt"]))],
    );
    let token = corpus.with_header(Algorithm::ES256, |header| remove(header, "typ"));
    corpus.token("N107", "no typ", token, other);
    let good = ["AT+JWT", "application/at+jwt", "Application/AT+JWT"];
    corpus.header_cases(
        "N108",
        Verdict::Passes,
        &good.map(|typ| ("typ", json!(typ))),
    );
    let id_token = json!({
        "iss": ISSUER, "sub": "forged", "aud": "forge", "exp": corpus.now + 300,
        "iat": corpus.now - 5, "nonce": "n", "auth_time": corpus.now - 9,
    });
    let token = sign(
        corpus.keys,
        Algorithm::ES256,
        &header(Algorithm::ES256),
        &id_token,
    );
    corpus.token(
        "N107",
        "the claims of an ID token",
        token,
        bad_token("bad_claim"),
    );
}
