//! Signatures: spoiled, of another form, or at the edges of the numbers in them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::{Algorithm, encode_segment};

use crate::{Corpus, Verdict, bad_token};

const BAD: Verdict = bad_token("bad_signature");
/// The order of P-256 (SEC 2 §2.4.2).
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
/// The order of the base point of Ed25519, little-endian (RFC 8032 §5.1).
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
];

pub(crate) fn add(corpus: &mut Corpus<'_>) {
    for algorithm in Algorithm::ALL {
        every_algorithm(corpus, algorithm);
    }
    flipped(corpus);
    ecdsa_numbers(corpus);
    rsa_numbers(corpus);
    let (input, signature) = taken_apart(&corpus.good(Algorithm::EdDSA));
    let (r, s) = signature.split_at(32);
    let larger = [r, &added(s, &ED25519_ORDER)].concat();
    corpus.token("N71", "S and the order", joined(&input, &larger), BAD);
}

fn every_algorithm(corpus: &mut Corpus<'_>, algorithm: Algorithm) {
    let good = corpus.good(algorithm);
    let (input, signature) = taken_apart(&good);
    corpus.token(
        "N60",
        format!("{algorithm}, none"),
        format!("{input}."),
        bad_token("token_structure"),
    );
    corpus.token(
        "N60",
        format!("{algorithm}, zeros"),
        joined(&input, &vec![0; signature.len()]),
        BAD,
    );
    let mut shorter = signature.clone();
    shorter.pop();
    let longer = [signature.as_slice(), &[0]].concat();
    let leading = [&[0], signature.as_slice()].concat();
    for (name, signature) in [
        ("a byte less", shorter),
        ("a byte more", longer),
        ("a zero in front", leading),
        ("one byte", vec![1]),
    ] {
        corpus.token(
            "N62",
            format!("{algorithm}, {name}"),
            joined(&input, &signature),
            BAD,
        );
    }
    let other = corpus.with_header(algorithm, |header| header["cty"] = serde_json::json!("x"));
    let (other, _) = other.rsplit_once('.').unwrap_or_default();
    corpus.token(
        "N72",
        format!("{algorithm}, of another token"),
        joined(other, &signature),
        BAD,
    );
    corpus.token(
        "N72",
        format!("{algorithm}, its own"),
        good,
        Verdict::Passes,
    );
}

/// One bit of each byte.
fn flipped(corpus: &mut Corpus<'_>) {
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256] {
        let (input, signature) = taken_apart(&corpus.good(algorithm));
        for at in 0..signature.len() {
            let mut flipped = signature.clone();
            flipped[at] ^= 1 << (at % 8);
            corpus.token(
                "N61",
                format!("{algorithm}, byte {at}"),
                joined(&input, &flipped),
                BAD,
            );
        }
    }
}

fn ecdsa_numbers(corpus: &mut Corpus<'_>) {
    let (input, signature) = taken_apart(&corpus.good(Algorithm::ES256));
    let number = |last: u8| {
        let mut number = [0; 32];
        number[31] = last;
        number
    };
    let less = subtracted(&P256_ORDER, &number(1));
    let numbers = [
        ("0", number(0)),
        ("1", number(1)),
        ("n-1", less),
        ("n", P256_ORDER),
        ("the largest", [0xff; 32]),
    ];
    for (r_name, r) in &numbers {
        for (s_name, s) in &numbers {
            let id = if r_name.starts_with("the") || s_name.starts_with("the") {
                "N66"
            } else {
                "N63"
            };
            let token = joined(&input, &[*r, *s].concat());
            corpus.token(id, format!("r is {r_name}, s is {s_name}"), token, BAD);
        }
    }
    let (r, s) = signature.split_at(32);
    corpus.token("N64", "DER", joined(&input, &der(r, s)), BAD);
    corpus.token("N65", "63 bytes", joined(&input, &signature[..63]), BAD);
    corpus.token(
        "N65",
        "65 bytes",
        joined(&input, &[&signature[..], &[1]].concat()),
        BAD,
    );
    // Both s and n - s verify (FIPS 186-5 has no rule against either), so that whoever has a token
    // can respell it: nothing may be remembered by the signature alone.
    let mut mirrored = [0; 32];
    mirrored.copy_from_slice(s);
    let mirrored = subtracted(&P256_ORDER, &mirrored);
    let token = joined(&input, &[r, &mirrored].concat());
    corpus.token("N67", "n - s for s", token, Verdict::Passes);
}

fn rsa_numbers(corpus: &mut Corpus<'_>) {
    let (input, signature) = taken_apart(&corpus.good(Algorithm::RS256));
    let jwks = corpus.keys.jwks();
    let modulus = jwks["keys"][0]["n"].as_str().unwrap_or_default();
    let modulus = URL_SAFE_NO_PAD.decode(modulus).unwrap_or_default();
    let mut one = vec![0; signature.len()];
    one[signature.len() - 1] = 1;
    let mut less = modulus.clone();
    // A modulus is odd.
    less[signature.len() - 1] -= 1;
    for (name, signature) in [
        ("1", one),
        ("n - 1", less),
        ("n", modulus),
        ("the largest", vec![0xff; signature.len()]),
        ("half", signature[..signature.len() / 2].to_vec()),
    ] {
        corpus.token("N68", name, joined(&input, &signature), BAD);
    }
}

fn taken_apart(token: &str) -> (String, Vec<u8>) {
    let (input, signature) = token.rsplit_once('.').expect("a token");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    (input.to_owned(), signature)
}

fn joined(input: &str, signature: &[u8]) -> String {
    format!("{input}.{}", encode_segment(signature))
}

/// Big-endian.
fn subtracted(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let mut difference = [0; 32];
    let mut borrow = 0;
    for at in (0..32).rev() {
        let digit = i16::from(a[at]) - i16::from(b[at]) - borrow;
        borrow = i16::from(digit < 0);
        difference[at] = u8::try_from(digit.rem_euclid(256)).unwrap_or_default();
    }
    difference
}

/// Little-endian, without what does not fit.
fn added(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let digit = |(a, b): (&u8, &u8)| {
        let sum = u16::from(*a) + u16::from(*b) + carry;
        carry = sum >> 8;
        u8::try_from(sum & 0xff).unwrap_or_default()
    };
    a.iter().zip(b).map(digit).collect()
}

/// `SEQUENCE { INTEGER r, INTEGER s }`.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let number = [&[0], number].concat();
        [
            &[2, u8::try_from(number.len()).unwrap_or_default()],
            number.as_slice(),
        ]
        .concat()
    };
    let body = [integer(r), integer(s)].concat();
    [
        &[0x30, u8::try_from(body.len()).unwrap_or_default()],
        body.as_slice(),
    ]
    .concat()
}
