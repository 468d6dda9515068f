//! The compact serialisation of a JWS (RFC 7515 §7.1): writing it, and taking it apart strictly.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A JWS taken apart but **not verified**: nothing in it may be believed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompactJws<'a> {
    /// The header's bytes, expected to be JSON.
    pub header: Vec<u8>,
    /// The payload's bytes.
    pub payload: Vec<u8>,
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// What was signed: header and payload as they were sent, with the dot between.
    pub signing_input: &'a [u8],
}

/// Why a text is no compact JWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MalformedJws {
    /// It does not have exactly three parts, or one of them is empty.
    Parts,
    /// A part is not canonical base64url without padding (RFC 7515 §2): a token must have one
    /// spelling only, or a cache and a deny list could be passed by respelling.
    Base64,
}

impl fmt::Display for MalformedJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parts => "not three non-empty parts",
            Self::Base64 => "a part is not canonical base64url",
        })
    }
}

impl std::error::Error for MalformedJws {}

impl<'a> CompactJws<'a> {
    /// Takes a compact JWS apart.
    ///
    /// # Errors
    /// [`MalformedJws`] for anything but three non-empty parts of canonical base64url.
    pub fn parse(token: &'a [u8]) -> Result<Self, MalformedJws> {
        Self::take_apart(token).map_err(|fault| match fault {
            // A dot more is also a byte that is not base64url: how many there are decides.
            MalformedJws::Base64 if token.iter().filter(|byte| **byte == b'.').count() != 2 => {
                MalformedJws::Parts
            }
            fault => fault,
        })
    }

    fn take_apart(token: &'a [u8]) -> Result<Self, MalformedJws> {
        let (header, rest) = split_at_dot(token)?;
        let (payload, signature) = split_at_dot(rest)?;
        if header.is_empty() || payload.is_empty() || signature.is_empty() {
            return Err(MalformedJws::Parts);
        }
        let signed = header.len() + 1 + payload.len();
        Ok(Self {
            header: decode_segment(header)?,
            payload: decode_segment(payload)?,
            signature: decode_segment(signature)?,
            signing_input: token.get(..signed).ok_or(MalformedJws::Parts)?,
        })
    }
}

/// What is before the first dot, and what is after it.
fn split_at_dot(text: &[u8]) -> Result<(&[u8], &[u8]), MalformedJws> {
    let dot = text.iter().position(|byte| *byte == b'.');
    let (before, rest) = dot
        .and_then(|dot| text.split_at_checked(dot))
        .ok_or(MalformedJws::Parts)?;
    Ok((before, rest.strip_prefix(b".").unwrap_or(rest)))
}

fn decode_segment(segment: &[u8]) -> Result<Vec<u8>, MalformedJws> {
    // This engine refuses padding and non-zero trailing bits.
    URL_SAFE_NO_PAD
        .decode(segment)
        .map_err(|_| MalformedJws::Base64)
}

/// Encodes one part: base64url without padding (RFC 7515 §2).
pub fn encode_segment(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is signed: the encoded header and payload with a dot between (RFC 7515 §5.1).
pub fn signing_input(header: &[u8], payload: &[u8]) -> String {
    format!("{}.{}", encode_segment(header), encode_segment(payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let input = signing_input(b"{}", b"payload");
        let token = format!("{input}.{}", encode_segment(b"sig"));
        let jws = CompactJws::parse(token.as_bytes()).unwrap();
        assert_eq!(
            (jws.header, jws.payload, jws.signature),
            (b"{}".into(), b"payload".into(), b"sig".into())
        );
        assert_eq!(jws.signing_input, input.as_bytes());
    }

    #[test]
    fn anything_but_three_full_parts_is_refused() {
        for token in [
            "",
            "a",
            "YQ.YQ",
            "YQ.YQ.YQ.YQ",
            ".YQ.YQ",
            "YQ..YQ",
            "YQ.YQ.",
            "..",
            "YQ.YQ..YQ",
        ] {
            assert_eq!(
                CompactJws::parse(token.as_bytes()),
                Err(MalformedJws::Parts),
                "{token:?}"
            );
        }
    }

    #[test]
    fn every_byte_string_has_one_spelling() {
        for part in ["YQ==", "YR", "Y", "a+b/", "Y Q", "YQ\n", "\u{e9}"] {
            let token = format!("YQ.{part}.YQ");
            assert_eq!(
                CompactJws::parse(token.as_bytes()),
                Err(MalformedJws::Base64),
                "{part:?}"
            );
        }
    }
}
