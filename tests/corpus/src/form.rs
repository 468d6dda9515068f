//! The form of a token.

use dockgate_token::{Algorithm, encode_segment};
use serde_json::json;

use crate::{Corpus, InEnvoy, Verdict, bad_token, header, sign};

const STRUCTURE: Verdict = bad_token("token_structure");
const MALFORMED: Verdict = Verdict::Refused(400, "malformed_credentials");
/// The default of `max_token_bytes`.
const LONGEST: usize = 8_192;

pub(crate) fn add(corpus: &mut Corpus<'_>) {
    let good = corpus.good(Algorithm::ES256);
    let parts: Vec<&str> = good.split('.').collect();
    let [head, payload, signature] = [parts[0], parts[1], parts[2]];

    corpus.values("N01", "empty", &[b"Bearer "], MALFORMED, InEnvoy::Same);
    for (name, token) in [
        ("one part", head.to_owned()),
        ("two parts", format!("{head}.{payload}")),
        ("four parts", format!("{good}.{signature}")),
        ("five parts", format!("{good}.{signature}.{signature}")),
    ] {
        corpus.token("N02", name, token, STRUCTURE);
    }
    for (name, token) in [
        ("a leading dot", format!(".{good}")),
        ("a trailing dot", format!("{good}.")),
        ("a double dot", good.replacen('.', "..", 1)),
        ("dots alone", "..".to_owned()),
    ] {
        corpus.token("N03", name, token, STRUCTURE);
    }
    white_space(corpus, &good);
    for at in 0..3 {
        let mut parts = parts.clone();
        let padded = format!("{}=", parts[at]);
        parts[at] = &padded;
        // Inside a credential an equals sign is no character of a token at all (RFC 6750 §2.1).
        let verdict = if at == 2 { STRUCTURE } else { MALFORMED };
        corpus.token(
            "N05",
            format!("padding in part {at}"),
            parts.join("."),
            verdict,
        );
        for sign in ['+', '/'] {
            let mut parts = good.split('.').collect::<Vec<_>>();
            let replaced = format!("{}{sign}", &parts[at][..parts[at].len() - 1]);
            parts[at] = &replaced;
            corpus.token(
                "N06",
                format!("{sign} in part {at}"),
                parts.join("."),
                STRUCTURE,
            );
        }
    }
    not_canonical(corpus);
    for at in 0..3 {
        let mut parts = good.split('.').collect::<Vec<_>>();
        parts[at] = "AAAAA";
        corpus.token(
            "N08",
            format!("part {at} of 4n + 1"),
            parts.join("."),
            STRUCTURE,
        );
    }
    other_forms(corpus, &good);
    sizes(corpus);
}

fn white_space(corpus: &mut Corpus<'_>, good: &str) {
    let middle = good.len() / 2;
    let (before, after) = good.split_at(middle);
    for (name, byte) in [("space", b' '), ("tab", b'\t')] {
        let inside = [b"Bearer ", before.as_bytes(), &[byte], after.as_bytes()].concat();
        corpus.values(
            "N04",
            format!("{name} inside"),
            &[&inside],
            MALFORMED,
            InEnvoy::Same,
        );
        // White space around a field value is no part of it (RFC 9110 §5.5): Envoy takes it away.
        let behind = [b"Bearer ", good.as_bytes(), &[byte]].concat();
        let passes = InEnvoy::Decides(Verdict::Passes);
        corpus.values(
            "N04",
            format!("{name} after"),
            &[&behind],
            MALFORMED,
            passes,
        );
    }
    // Envoy's HTTP/1.1 parser drops a bare CR, so that the filter sees the token without it.
    let dropped = InEnvoy::Decides(Verdict::Passes);
    let refused = InEnvoy::Answers(400);
    for (name, byte, in_envoy) in [
        ("CR", b'\r', dropped),
        ("LF", b'\n', refused),
        ("NUL", 0, refused),
    ] {
        let inside = [b"Bearer ", before.as_bytes(), &[byte], after.as_bytes()].concat();
        let name = format!("{name} inside");
        corpus.values("N04", name, &[&inside], MALFORMED, in_envoy);
    }
}

/// Bits that no byte needs must be zero, or one token has several spellings.
fn not_canonical(corpus: &mut Corpus<'_>) {
    // Lengths of which the last character has such bits: 1 or 2 more than a multiple of 3.
    let header = header(Algorithm::ES256);
    let mut claims = corpus.claims();
    while claims.to_string().len().is_multiple_of(3) {
        claims["pad"] = json!(format!("{}x", claims["pad"].as_str().unwrap_or_default()));
    }
    let mut longer = header.clone();
    while longer.to_string().len().is_multiple_of(3) {
        longer["pad"] = json!(format!("{}x", longer["pad"].as_str().unwrap_or_default()));
    }
    let token = sign(corpus.keys, Algorithm::ES256, &longer, &claims);
    corpus.token(
        "N07",
        "before the change it passes",
        &token,
        Verdict::Passes,
    );
    let parts: Vec<&str> = token.split('.').collect();
    for at in 0..3 {
        let mut parts = parts.clone();
        let respelled = next_character(parts[at]);
        parts[at] = &respelled;
        corpus.token(
            "N07",
            format!("unused bits in part {at}"),
            parts.join("."),
            STRUCTURE,
        );
    }
}

/// The part with its last character replaced by the next of the alphabet: the lowest bit is unused.
fn next_character(part: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = part.split_at(part.len() - 1);
    let at = ALPHABET.find(last).unwrap_or_default();
    format!("{rest}{}", &ALPHABET[at + 1..at + 2])
}

fn other_forms(corpus: &mut Corpus<'_>, good: &str) {
    let parts: Vec<&str> = good.split('.').collect();
    let [head, payload, signature] = [parts[0], parts[1], parts[2]];
    let flattened = json!({"protected": head, "payload": payload, "signature": signature});
    let general =
        json!({"payload": payload, "signatures": [{"protected": head, "signature": signature}]});
    corpus.token("N09", "flattened JSON", flattened.to_string(), MALFORMED);
    corpus.token("N09", "general JSON", general.to_string(), MALFORMED);
    corpus.token(
        "N09",
        "JSON in base64url",
        encode_segment(flattened.to_string().as_bytes()),
        STRUCTURE,
    );
    corpus.token(
        "N10",
        "percent-encoded dots",
        good.replace('.', "%2E"),
        MALFORMED,
    );
    corpus.token("N11", "quotes around it", format!("\"{good}\""), MALFORMED);
    corpus.token(
        "N12",
        "20 000 dots",
        ".".repeat(20_000),
        bad_token("token_too_long"),
    );
    let jwe = corpus.with_header(Algorithm::ES256, |header| {
        *header = json!({"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "ES256"});
    });
    let jwe_header = jwe.split('.').next().unwrap_or_default();
    corpus.token(
        "N15",
        "a JWE",
        format!("{jwe_header}.AAAA.AAAA.AAAA.AAAA"),
        STRUCTURE,
    );
    let nested = corpus.with_payload(good.as_bytes());
    corpus.token(
        "N16",
        "a token in a token",
        nested,
        bad_token("claims_not_json"),
    );
}

fn sizes(corpus: &mut Corpus<'_>) {
    corpus.token(
        "N13",
        "as long as may be",
        sized(corpus, LONGEST),
        Verdict::Passes,
    );
    let longer = sized(corpus, LONGEST + 1);
    corpus.token(
        "N13",
        "one byte longer",
        longer,
        bad_token("token_too_long"),
    );
    let long_header = |length: usize| {
        let mut header = header(Algorithm::ES256);
        header["pad"] = json!("");
        let short = header.to_string().len();
        header["pad"] = json!("x".repeat(length - short));
        header
    };
    let signed = |corpus: &Corpus<'_>, length| {
        sign(
            corpus.keys,
            Algorithm::ES256,
            &long_header(length),
            &corpus.claims(),
        )
    };
    let token = signed(corpus, 1_024);
    corpus.token("N14", "a header of 1 KiB", token, Verdict::Passes);
    let token = signed(corpus, 1_025);
    corpus.token(
        "N14",
        "a header of 1 KiB and a byte",
        token,
        bad_token("header_too_long"),
    );
}

/// A good token of exactly this length.
fn sized(corpus: &Corpus<'_>, length: usize) -> String {
    let algorithm = Algorithm::ES256;
    let lengths = (0..3).flat_map(|head| (5_400..5_900).map(move |body| (head, body)));
    let candidate = |(head, body): (usize, usize)| {
        let mut header = header(algorithm);
        header["pad"] = json!("x".repeat(head));
        let mut claims = corpus.claims();
        claims["pad"] = json!("x".repeat(body));
        let parts = [header.to_string().len(), claims.to_string().len(), 64];
        let encoded = parts.map(|bytes| (bytes * 4).div_ceil(3));
        (encoded.iter().sum::<usize>() + 2 == length).then_some((header, claims))
    };
    let found = lengths.filter_map(candidate).next();
    let (header, claims) = found.expect("some combination has this length");
    sign(corpus.keys, algorithm, &header, &claims)
}
