//! The request path as the rules see it, and the spellings that are refused.
//!
//! The filter matches the very bytes that go upstream. A path that the upstream may read in
//! another way than the rules do (CVE-2019-9901, CVE-2021-29492, CVE-2026-73551) is refused, with
//! or without Envoy's own normalisation in front.

use std::fmt;

/// A path, without its query, that has one reading only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CanonicalPath<'a> {
    bytes: &'a [u8],
    tolerated: Spellings,
}

/// Spellings that one upstream reads in one way and the next in another; a rule may allow each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spellings {
    /// `%2f` or `%5c`: one segment, or two.
    pub(crate) encoded_slash: bool,
    /// `;`: part of the segment, or a parameter that is cut off.
    pub(crate) semicolon: bool,
    /// Bytes above 0x7F: Latin-1, UTF-8 or refused.
    pub(crate) non_ascii: bool,
    /// Percent-escapes that are no UTF-8 when decoded (`%e9`): Latin-1, replaced, left as they are,
    /// or refused.
    pub(crate) non_utf8: bool,
}

impl Spellings {
    /// Whether every spelling of `self` is among `allowed`.
    pub(crate) fn are_all_in(self, allowed: Self) -> bool {
        (!self.encoded_slash || allowed.encoded_slash)
            && (!self.semicolon || allowed.semicolon)
            && (!self.non_ascii || allowed.non_ascii)
            && (!self.non_utf8 || allowed.non_utf8)
    }
}

/// Why a path is refused whatever the rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// It does not start with `/` (RFC 9112 §3.2: `*`, an absolute or an authority form).
    NotAbsolute,
    /// It has a segment `.` or `..`, plain, percent-encoded, or followed by `;`.
    DotSegment,
    /// It has an empty segment (`//`).
    EmptySegment,
    /// It has a backslash.
    Backslash,
    /// It has a `#`.
    Fragment,
    /// It has a control byte or a space, plain or percent-encoded (`%00`).
    ControlByte,
    /// It has a `%` without two hexadecimal digits.
    BadEscape,
    /// It has a percent-encoded character that needs no encoding, such as `%61` for `a`
    /// (RFC 3986 §2.3): an upstream that decodes it serves another path than the one matched.
    NeedlessEscape,
    /// It has an overlong form of UTF-8, encoded or plain, such as `%c0%ae` for a dot or `%e0%80%af`
    /// for a slash (RFC 3629 §3, CVE-2000-0884), or what a careless decoder takes for one, such as
    /// `%c0n` for a dot: hardly anybody writes one by mistake.
    Overlong,
    /// It has a spelling that the matching rule does not allow: `%2f`, `%5c`, `;`, a byte above 0x7F,
    /// or escapes that are no UTF-8.
    NotAllowedByRule,
}

impl fmt::Display for PathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "the path must start with a slash",
            Self::DotSegment => "the path has a dot segment",
            Self::EmptySegment => "the path has an empty segment",
            Self::Backslash => "the path has a backslash",
            Self::Fragment => "the path has a number sign",
            Self::ControlByte => "the path has a control character or a space",
            Self::BadEscape => "the path has a percent sign without two hexadecimal digits",
            Self::NeedlessEscape => "the path encodes a character that needs no encoding",
            Self::Overlong => "the path has a character in an overlong encoding",
            Self::NotAllowedByRule => {
                "the path has an encoded slash, a semicolon, a byte outside ASCII or an escape that is no UTF-8"
            }
        })
    }
}

impl<'a> CanonicalPath<'a> {
    /// Cuts the query off and looks at every segment.
    pub(crate) fn parse(target: &'a [u8]) -> Result<Self, PathFault> {
        let bytes = target
            .split(|byte| *byte == b'?')
            .next()
            .unwrap_or_default();
        let Some(relative) = bytes.strip_prefix(b"/") else {
            return Err(PathFault::NotAbsolute);
        };
        let mut tolerated = Spellings::default();
        let mut segments = relative.split(|byte| *byte == b'/').peekable();
        while let Some(segment) = segments.next() {
            // A slash at the end leaves one empty segment, which is a path of its own.
            if segment.is_empty() && segments.peek().is_some() {
                return Err(PathFault::EmptySegment);
            }
            inspect_segment(segment, segments.peek().is_some(), &mut tolerated)?;
        }
        Ok(Self { bytes, tolerated })
    }

    /// The bytes that the rules match.
    pub(crate) fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The spellings that need a rule's permission.
    pub(crate) fn tolerated(self) -> Spellings {
        self.tolerated
    }
}

/// `goes_on` where a slash follows.
fn inspect_segment(
    segment: &[u8],
    goes_on: bool,
    tolerated: &mut Spellings,
) -> Result<(), PathFault> {
    let is_escaped = segment.contains(&b'%');
    let mut decoded_segment = Vec::new();
    let (mut needless, mut escapes_non_ascii) = (false, false);
    let mut bytes = segment.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let decoded = hex_digit(bytes.next())? << 4 | hex_digit(bytes.next())?;
                needless |= is_unreserved(decoded);
                escapes_non_ascii |= !decoded.is_ascii();
                match decoded {
                    b'/' | b'\\' => tolerated.encoded_slash = true,
                    0..=0x1F | 0x7F => return Err(PathFault::ControlByte),
                    _ => {}
                }
                decoded_segment.push(decoded);
                continue;
            }
            b'\\' => return Err(PathFault::Backslash),
            b'#' => return Err(PathFault::Fragment),
            0..=0x20 | 0x7F => return Err(PathFault::ControlByte),
            b';' => tolerated.semicolon = true,
            0x80.. => tolerated.non_ascii = true,
            _ => {}
        }
        if is_escaped {
            decoded_segment.push(byte);
        }
    }
    let plain = if is_escaped {
        decoded_segment.as_slice()
    } else {
        segment
    };
    if escapes_non_ascii || tolerated.non_ascii {
        let slash = goes_on.then_some(b'/');
        let spelled: Vec<u8> = plain.iter().copied().chain(slash).collect();
        if has_overlong_form(&spelled) || has_loose_form(&spelled) {
            return Err(PathFault::Overlong);
        }
    }
    tolerated.non_utf8 |= escapes_non_ascii && std::str::from_utf8(plain).is_err();
    // An upstream that decodes slashes sees several segments in this one.
    let mut segments = plain.split(|byte| matches!(byte, b'/' | b'\\'));
    let is_dots = |segment: &[u8]| {
        let name = segment.split(|byte| *byte == b';').next();
        matches!(name, Some(b"." | b".."))
    };
    if segments.any(is_dots) {
        return Err(PathFault::DotSegment);
    }
    if needless {
        Err(PathFault::NeedlessEscape)
    } else {
        Ok(())
    }
}

/// Whether a decoder that does not look for the shortest form (RFC 3629 §3) would find a character
/// here that was spelled in more bytes than it needs, in sequences of up to six as of RFC 2279.
fn has_overlong_form(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| {
        matches!(
            pair,
            [0xC0 | 0xC1, 0x80..=0xBF]
                | [0xE0, 0x80..=0x9F]
                | [0xF0, 0x80..=0x8F]
                | [0xF8, 0x80..=0x87]
                | [0xFC, 0x80..=0x83]
        )
    })
}

/// Whether a decoder that takes the low six bits of whatever follows a lead byte (CVE-2000-0884:
/// `%c1%1c`) would find a dot, a slash or a backslash here: `%c0n`, `%c0%2f`, and `%c0` before a slash,
/// which makes `..%c0/` a dot segment. Letters after 0xC0 and 0xC1 are Latin-1 otherwise: `%c0%20propos`.
fn has_loose_form(bytes: &[u8]) -> bool {
    let mut starts = (0..bytes.len()).filter_map(|start| bytes.get(start..)?.split_first());
    starts.any(|(lead, rest)| {
        let (high, length) = match lead {
            0xC0 => (0, 1),
            0xC1 => (1, 1),
            0xE0 => (0, 2),
            0xF0 => (0, 3),
            0xF8 => (0, 4),
            0xFC => (0, 5),
            _ => return false,
        };
        rest.get(..length).is_some_and(|following| {
            let low = following.iter().map(|byte| u32::from(byte & 0x3F));
            let read = low.fold(high, |read, bits| read << 6 | bits);
            [b'.', b'/', b'\\'].map(u32::from).contains(&read)
        })
    })
}

fn hex_digit(byte: Option<u8>) -> Result<u8, PathFault> {
    match byte {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        _ => Err(PathFault::BadEscape),
    }
}

/// `unreserved` of RFC 3986 §2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

#[cfg(test)]
mod tests;
