//! JSON that two parsers read in two ways, or that is none.

use serde_json::json;

use crate::{Corpus, InEnvoy, Verdict, bad_token};

const CLAIMS: Verdict = bad_token("claims_not_json");
const HEADER: Verdict = bad_token("header_not_json");

pub(crate) fn add(corpus: &mut Corpus<'_>) {
    duplicates(corpus);
    let good = corpus.claims().to_string();
    let with = |more: &str| format!("{{{more},{}", &good[1..]);
    for (what, open, close) in [("arrays", "[", "]"), ("objects", "{\"a\":", "}")] {
        let inner = if what == "arrays" { "" } else { "1" };
        for depth in [200, 800] {
            let nested = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            let token = corpus.with_payload(with(&format!("\"x\":{nested}")).as_bytes());
            corpus.token("N81", format!("{depth} {what} in a claim"), token, CLAIMS);
        }
        let nested = format!("{}{inner}{}", open.repeat(140), close.repeat(140));
        let header = format!(r#"{{"alg":"ES256","kid":"ES256","typ":"at+jwt","x":{nested}}}"#);
        let token = corpus.with_raw_header(header.as_bytes());
        corpus.token("N81", format!("140 {what} in the header"), token, HEADER);
    }
    let token = corpus.with_payload("[".repeat(10_000).as_bytes());
    corpus.token("N81", "10 000 brackets", token, bad_token("token_too_long"));
    for payload in ["[]", "\"text\"", "null", "1", "true", ""] {
        let token = corpus.with_payload(payload.as_bytes());
        let verdict = if payload.is_empty() {
            bad_token("token_structure")
        } else {
            CLAIMS
        };
        corpus.token("N82", format!("the payload is {payload:?}"), token, verdict);
        let token = corpus.with_raw_header(payload.as_bytes());
        let verdict = if payload.is_empty() {
            bad_token("token_structure")
        } else {
            HEADER
        };
        corpus.token("N82", format!("the header is {payload:?}"), token, verdict);
    }
    not_json(corpus, &good);
    let escaped = good.replace("\"exp\"", "\"e\\u0078p\"");
    let token = corpus.with_payload(escaped.as_bytes());
    corpus.token("N84", "exp with an escape is exp", token, Verdict::Passes);
    let twice = with("\"e\\u0078p\":9999999999");
    let token = corpus.with_payload(twice.as_bytes());
    corpus.token("N84", "exp twice, once with an escape", token, CLAIMS);
    too_large(
        corpus,
        &with(&format!("\"x\":\"{}\"", "x".repeat(65_536))),
        "a string of 64 KiB",
        "N85",
    );
    let many: Vec<String> = (0..100_000)
        .map(|index| format!("\"c{index}\":1"))
        .collect();
    too_large(corpus, &with(&many.join(",")), "100 000 claims", "N86");
    let many: Vec<String> = (0..500).map(|index| format!("\"c{index}\":1")).collect();
    let token = corpus.with_payload(with(&many.join(",")).as_bytes());
    corpus.token("N86", "500 claims", token, Verdict::Passes);
}

fn duplicates(corpus: &mut Corpus<'_>) {
    let good = corpus.claims();
    for claim in ["exp", "iss", "aud", "scope", "sub", "client_id"] {
        let value = &good[claim];
        for (name, other) in [("the same", value.clone()), ("another", json!("x"))] {
            let text = good.to_string();
            let first = format!("{{\"{claim}\":{other},{}", &text[1..]);
            let token = corpus.with_payload(first.as_bytes());
            corpus.token("N80", format!("{claim} twice, {name} first"), token, CLAIMS);
        }
    }
    let nested = format!("{{\"x\":{{\"a\":1,\"a\":2}},{}", &good.to_string()[1..]);
    let token = corpus.with_payload(nested.as_bytes());
    corpus.token("N80", "a nested member twice", token, CLAIMS);
}

fn not_json(corpus: &mut Corpus<'_>, good: &str) {
    let open = &good[..good.len() - 1];
    for (name, payload) in [
        ("trailing data", format!("{good}x").into_bytes()),
        ("a second object", format!("{good}{good}").into_bytes()),
        ("a comment", format!("/* */{good}").into_bytes()),
        ("a trailing comma", format!("{open},}}").into_bytes()),
        ("a byte order mark", format!("\u{feff}{good}").into_bytes()),
        ("NaN", format!("{open},\"x\":NaN}}").into_bytes()),
        ("Infinity", format!("{open},\"x\":Infinity}}").into_bytes()),
        ("1e400", format!("{open},\"x\":1e400}}").into_bytes()),
        (
            "a number with a leading zero",
            format!("{open},\"x\":01}}").into_bytes(),
        ),
        (
            "bytes that are not UTF-8",
            [open.as_bytes(), b",\"x\":\"\xff\"}"].concat(),
        ),
        (
            "an overlong form",
            [open.as_bytes(), b",\"x\":\"\xc0\xa7\"}"].concat(),
        ),
        (
            "a lone surrogate",
            format!("{open},\"x\":\"\\ud800\"}}").into_bytes(),
        ),
        (
            "UTF-16",
            good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
    ] {
        let token = corpus.with_payload(&payload);
        corpus.token("N83", name, token, CLAIMS);
    }
    for (claim, verdict) in [
        ("iss", bad_token("unknown_issuer")),
        ("aud", bad_token("wrong_audience")),
        ("sub", bad_token("claim_not_header_safe")),
    ] {
        let value = corpus.claims()[claim]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        corpus.claim_cases("N83", verdict, &[(claim, json!(format!("{value}\u{0}")))]);
    }
}

/// Longer than Envoy's limit for all headers together, which it therefore refuses by itself.
fn too_large(corpus: &mut Corpus<'_>, payload: &str, name: &str, id: &'static str) {
    let token = corpus.with_payload(payload.as_bytes());
    let value = [b"Bearer ", token.as_bytes()].concat();
    let verdict = bad_token("token_too_long");
    corpus.values(id, name, &[&value], verdict, InEnvoy::Answers(431));
}
