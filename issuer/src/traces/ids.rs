//! The names of traces and spans (W3C Trace Context §3.2.2).

use std::fmt;

use crate::entropy::Entropy;

/// Names a trace; never all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TraceId([u8; 16]);

/// Names a span of a trace; never all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SpanId([u8; 8]);

impl TraceId {
    /// `None` for zeros, which are no name (W3C Trace Context §3.2.2.3).
    pub(super) fn new(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// A new name; `None` where there is no randomness.
    pub(super) fn random(entropy: Entropy) -> Option<Self> {
        random(entropy).and_then(Self::new)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The part that is random with all who make such names, as a number.
    pub(super) fn low_half(self) -> u64 {
        let [.., a, b, c, d, e, f, g, h] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

impl SpanId {
    /// `None` for zeros, which are no name (W3C Trace Context §3.2.2.4).
    pub(super) fn new(bytes: [u8; 8]) -> Option<Self> {
        (bytes != [0; 8]).then_some(Self(bytes))
    }

    /// A new name; `None` where there is no randomness.
    pub(super) fn random(entropy: Entropy) -> Option<Self> {
        random(entropy).and_then(Self::new)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

fn random<const N: usize>(entropy: Entropy) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    entropy(&mut bytes).ok()?;
    Some(bytes)
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
