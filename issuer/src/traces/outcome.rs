//! What becomes of spans and of the calls that carry them, as it is counted.

/// What became of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanOutcome {
    /// The collector took it.
    Exported,
    /// The queue was full.
    Dropped,
    /// The collector refused it.
    Refused,
    /// The collector could not be reached in time, however often it was tried.
    Lost,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportOutcome {
    /// It was answered with success.
    Success,
    /// It was answered otherwise.
    Refused,
    /// It was not answered.
    Unreachable,
}

impl SpanOutcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Exported, Self::Dropped, Self::Refused, Self::Lost];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exported => "exported",
            Self::Dropped => "dropped",
            Self::Refused => "refused",
            Self::Lost => "lost",
        }
    }
}

impl ExportOutcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Success, Self::Refused, Self::Unreachable];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
        }
    }
}
