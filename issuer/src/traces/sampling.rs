//! Which requests have a trace.

use super::ids::TraceId;
use super::parent::Parent;

/// How many of the requests without a parent have a trace: 0, none, to 1, all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRatio(f64);

impl SampleRatio {
    /// All of them.
    pub const ALL: Self = Self(1.0);

    /// `None` for what is no number from 0 to 1.
    pub fn new(ratio: f64) -> Option<Self> {
        (0.0..=1.0).contains(&ratio).then_some(Self(ratio))
    }

    /// As it is written.
    pub fn get(self) -> f64 {
        self.0
    }

    /// Whether no new trace is begun at all.
    pub(super) fn is_none(self) -> bool {
        self.0 <= 0.0
    }

    /// Whether a trace with this name is among them. The name decides: its last 56 bits are random, and
    /// whoever else asks about the same trace with the same ratio says the same (OpenTelemetry,
    /// "TraceState: Probability Sampling").
    pub(super) fn takes(self, trace: TraceId) -> bool {
        let random = trace.low_half() & (SPAN_OF_RANDOM - 1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            clippy::as_conversions,
            reason = "of a number from 0 to 2^56, to the 53 bits that a float has"
        )]
        let refused = ((1.0 - self.0) * SPAN_OF_RANDOM as f64) as u64;
        random >= refused
    }
}

const SPAN_OF_RANDOM: u64 = 1 << 56;

/// What decides about a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sampling {
    /// Of those that belong to no trace.
    pub(super) ratio: SampleRatio,
    /// Whether callers are believed about the trace that one belongs to.
    pub(super) continues: bool,
}

/// What is known of a request's trace before it is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// The caller's trace goes on here.
    Continued(Parent),
    /// A new trace begins here, under this name.
    Begun(TraceId),
    /// The request has no trace.
    Not,
}

/// A caller that is believed decides for a request that belongs to a trace, as a trace with holes is
/// none. For others the ratio does; `fresh` is asked for a name only then.
pub(super) fn decide(
    parent: Option<Parent>,
    Sampling { ratio, continues }: Sampling,
    fresh: impl FnOnce() -> Option<TraceId>,
) -> Decision {
    match parent.filter(|_| continues) {
        Some(parent) if parent.sampled => Decision::Continued(parent),
        Some(_) => Decision::Not,
        None if ratio.is_none() => Decision::Not,
        None => fresh()
            .filter(|trace| ratio.takes(*trace))
            .map_or(Decision::Not, Decision::Begun),
    }
}
