//! The span that a request says it belongs to, by its `traceparent` (W3C Trace Context §3.2).

use super::ids::{SpanId, TraceId};

/// The caller's span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
    pub(super) sampled: bool,
}

/// `00-<trace>-<span>-<flags>`: the whole of version 00, and how those after it begin.
const LENGTH: usize = 55;

impl Parent {
    /// Reads the value of the header; `None` for whatever is not exactly as it should be, since a
    /// parent that was guessed would join what does not belong together.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let (known, rest) = value.split_at_checked(LENGTH)?;
        let mut fields = known.split(|byte| *byte == b'-');
        let [version] = hex(fields.next()?)?;
        let trace = TraceId::new(hex(fields.next()?)?)?;
        let span = SpanId::new(hex(fields.next()?)?)?;
        let [flags] = hex(fields.next()?)?;
        let whole = fields.next().is_none();
        // A later version may say more, after another dash; ff is none (§3.2.2.1, §3.2.4).
        let version_fits = match version {
            0 => rest.is_empty(),
            0xff => false,
            _ => rest.is_empty() || rest.starts_with(b"-"),
        };
        (whole && version_fits).then_some(Self {
            trace,
            span,
            sampled: flags & 1 == 1,
        })
    }
}

/// Lower case alone (§3.2.2: `HEXDIGLC`).
fn hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => character.checked_sub(b'0'),
        b'a'..=b'f' => character.checked_sub(b'a' - 10),
        _ => None,
    }
}
