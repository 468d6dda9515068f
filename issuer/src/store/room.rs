//! Who may take how much of what there is room for.

/// How much of the room for a kind of record may be used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// What is not kept from strangers: for what anybody may ask for.
    Open,
    /// All of it.
    Whole,
}

impl Room {
    /// How many tenths are kept from strangers.
    pub const KEPT_TENTHS: usize = 2;

    /// How many there may be, of `limit` in all. Of a single one nothing can be kept.
    pub fn of(self, limit: usize) -> usize {
        match self {
            Self::Open => limit.saturating_sub(limit.saturating_mul(Self::KEPT_TENTHS) / 10),
            Self::Whole => limit,
        }
    }
}
