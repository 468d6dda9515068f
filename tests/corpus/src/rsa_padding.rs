//! RSA signatures of the right key over blocks that are padded wrongly (RFC 8017 §9.1, §9.2). A
//! verifier that parses the block, where it should compare it with the only right one, takes some of
//! them, and what it takes can be forged where the exponent is small (CVE-2006-4339, CVE-2016-1494).

use dockgate_token::{Algorithm, encode_segment, signing_input};
use rsa::sha2::{Digest, Sha256, Sha384, Sha512};

use crate::{Corpus, Verdict, bad_token, header};

const BAD: Verdict = bad_token("bad_signature");
/// The length of the modulus.
const BLOCK_BYTES: usize = 256;

/// `AlgorithmIdentifier`s and the digest's frame: what stands before the digest in a `DigestInfo`
/// (RFC 8017 §9.2, note 1).
const SHA256: &[u8] =
    b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
const SHA384: &[u8] =
    b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30";
const SHA512: &[u8] =
    b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40";

pub(crate) fn add(corpus: &mut Corpus<'_>) {
    for (algorithm, digest_info) in [
        (Algorithm::RS256, SHA256),
        (Algorithm::RS384, SHA384),
        (Algorithm::RS512, SHA512),
    ] {
        pkcs1(corpus, algorithm, digest_info);
    }
    digest_infos(corpus);
    pss(corpus);
}

/// What the key makes of the block that `pad` makes of the digest.
fn case(
    corpus: &mut Corpus<'_>,
    algorithm: Algorithm,
    (id, name): (&'static str, &str),
    pad: impl FnOnce(&[u8]) -> Vec<u8>,
    verdict: Verdict,
) {
    let (header, claims) = (header(algorithm).to_string(), corpus.claims().to_string());
    let input = signing_input(header.as_bytes(), claims.as_bytes());
    let digest = match algorithm {
        Algorithm::RS384 => Sha384::digest(&input).to_vec(),
        Algorithm::RS512 => Sha512::digest(&input).to_vec(),
        _ => Sha256::digest(&input).to_vec(),
    };
    let block = pad(&digest);
    assert_eq!(block.len(), BLOCK_BYTES, "{name}");
    let signature = encode_segment(&corpus.keys.sign_block(&block));
    corpus.token(
        id,
        format!("{algorithm}, {name}"),
        format!("{input}.{signature}"),
        verdict,
    );
}

/// 0, 1, as many 0xFF as fill the block, 0, and what is signed.
fn filled(content: &[u8]) -> Vec<u8> {
    let padding = vec![0xFF; BLOCK_BYTES - 3 - content.len()];
    [&[0, 1], padding.as_slice(), &[0], content].concat()
}

/// The block filled up behind what is signed.
fn garbage_behind(padding: usize, content: &[u8]) -> Vec<u8> {
    let mut block = [&[0, 1], vec![0xFF; padding].as_slice(), &[0], content].concat();
    block.resize(BLOCK_BYTES, 0x5A);
    block
}

fn pkcs1(corpus: &mut Corpus<'_>, algorithm: Algorithm, digest_info: &[u8]) {
    let info = |digest: &[u8]| [digest_info, digest].concat();
    let changed = |digest: &[u8], at: usize, byte: u8| {
        let mut block = filled(&info(digest));
        block[at] = byte;
        block
    };
    let end = |digest: &[u8]| BLOCK_BYTES - digest_info.len() - digest.len() - 1;
    type Pad<'a> = Box<dyn FnOnce(&[u8]) -> Vec<u8> + 'a>;
    let cases: Vec<(&str, Pad<'_>)> = vec![
        (
            "garbage behind eight bytes of padding",
            Box::new(|d| garbage_behind(8, &info(d))),
        ),
        (
            "garbage behind one byte of padding",
            Box::new(|d| garbage_behind(1, &info(d))),
        ),
        (
            "garbage behind no padding",
            Box::new(|d| garbage_behind(0, &info(d))),
        ),
        (
            "one byte of garbage",
            Box::new(|d| garbage_behind(end(d) - 3, &info(d))),
        ),
        (
            "a zero in front of a shorter padding",
            Box::new(|d| filled(&[&[0], info(d).as_slice()].concat())),
        ),
        (
            "the digest behind other garbage",
            Box::new(|d| filled(&[b"garbage", info(d).as_slice()].concat())),
        ),
        ("block type 0", Box::new(|d| changed(d, 1, 0))),
        ("block type 2", Box::new(|d| changed(d, 1, 2))),
        ("a first byte that is not 0", Box::new(|d| changed(d, 0, 1))),
        (
            "a padding byte that is not 0xFF",
            Box::new(|d| changed(d, 40, 0xFE)),
        ),
        ("a padding byte that is 0", Box::new(|d| changed(d, 40, 0))),
        (
            "no zero behind the padding",
            Box::new(|d| changed(d, end(d), 0xFF)),
        ),
        (
            "another number behind the padding",
            Box::new(|d| changed(d, end(d), 1)),
        ),
        ("the bare digest", Box::new(filled)),
        ("nothing but padding", Box::new(|_| filled(&[]))),
        (
            "half the digest",
            Box::new(|d| filled(&info(&d[..d.len() / 2]))),
        ),
    ];
    for (name, pad) in cases {
        case(corpus, algorithm, ("N69", name), pad, BAD);
    }
    let good = |digest: &[u8]| filled(&info(digest));
    case(
        corpus,
        algorithm,
        ("N69", "padded rightly"),
        good,
        Verdict::Passes,
    );
}

/// Other spellings of what is signed: BER where there is one DER, other hashes, other fields.
fn digest_infos(corpus: &mut Corpus<'_>) {
    for (name, prefix) in [
        (
            "SHA-384's name",
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x20"
                .as_slice(),
        ),
        (
            "SHA-512/256's name",
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x06\x05\x00\x04\x20",
        ),
        (
            "SHA-1's name",
            b"\x30\x2d\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x20",
        ),
        (
            "no NULL",
            b"\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20",
        ),
        (
            "a NULL that is not empty",
            b"\x30\x33\x30\x0f\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x02\x00\x00\x04\x20",
        ),
        (
            "an octet string for NULL",
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x00\x04\x20",
        ),
        (
            "a long form for the length",
            b"\x30\x81\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        ),
        (
            "a long form for the digest's length",
            b"\x30\x32\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x81\x20",
        ),
        (
            "a long form for NULL",
            b"\x30\x32\x30\x0e\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x81\x00\x04\x20",
        ),
        (
            "a bit string for the digest",
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x03\x20",
        ),
        (
            "a set for a sequence",
            b"\x31\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        ),
        ("no algorithm", b"\x30\x22\x04\x20"),
    ] {
        let pad = |digest: &[u8]| filled(&[prefix, digest].concat());
        case(corpus, Algorithm::RS256, ("N69", name), pad, BAD);
    }
    let with_more = |digest: &[u8]| {
        let mut info = [SHA256, digest, &[5, 0]].concat();
        info[1] += 2;
        filled(&info)
    };
    case(
        corpus,
        Algorithm::RS256,
        ("N69", "a field behind the digest"),
        with_more,
        BAD,
    );
}

/// The salt is as long as the digest, and no other length will do (RFC 7518 §3.5).
fn pss(corpus: &mut Corpus<'_>) {
    for salt_bytes in [0, 1, 20, 31, 33, 48, 64, 222] {
        let name = format!("a salt of {salt_bytes} bytes");
        let pad = |digest: &[u8]| encode_pss(digest, salt_bytes, |_| {});
        case(corpus, Algorithm::PS256, ("N70", &name), pad, BAD);
    }
    // The data block is 223 bytes: zeros, 1, and the salt.
    let separator = 223 - 32 - 1;
    for (name, at, byte) in [
        ("a byte of padding that is not 0", 40, 1),
        ("2 for the separator", separator, 2),
        ("no separator", separator, 0),
    ] {
        let pad = |digest: &[u8]| encode_pss(digest, 32, |data| data[at] = byte);
        case(corpus, Algorithm::PS256, ("N70", name), pad, BAD);
    }
    let other_end = |digest: &[u8]| {
        let mut block = encode_pss(digest, 32, |_| {});
        block[BLOCK_BYTES - 1] = 0xCC;
        block
    };
    case(
        corpus,
        Algorithm::PS256,
        ("N70", "another trailer"),
        other_end,
        BAD,
    );
    let good = |digest: &[u8]| encode_pss(digest, 32, |_| {});
    case(
        corpus,
        Algorithm::PS256,
        ("N70", "a salt of 32 bytes"),
        good,
        Verdict::Passes,
    );
}

/// EMSA-PSS-ENCODE (RFC 8017 §9.1.1) for a modulus of 2048 bits, with what `spoil` does to the data
/// block before it is masked.
fn encode_pss(digest: &[u8], salt_bytes: usize, spoil: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let salt = vec![0x33; salt_bytes];
    let hash = Sha256::digest([&[0; 8], digest, &salt].concat());
    let mut data = vec![0; BLOCK_BYTES - hash.len() - 1];
    let at = data.len() - salt_bytes;
    data[at..].copy_from_slice(&salt);
    data[at - 1] = 1;
    spoil(&mut data);
    // MGF1 (RFC 8017 §B.2.1).
    let mask = (0u32..)
        .flat_map(|counter| Sha256::digest([hash.as_slice(), &counter.to_be_bytes()].concat()));
    for (byte, mask) in data.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    data[0] &= 0x7F;
    [&data, hash.as_slice(), &[0xBC]].concat()
}
