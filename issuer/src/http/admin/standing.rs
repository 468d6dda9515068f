//! Where a client or a user comes from, and whether they count.

use serde::{Deserialize, Serialize};

use crate::store::AddedBy;

/// Who wrote it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The configuration file, where alone it can be changed.
    Configuration,
    /// The operator, by a command.
    Operator,
    /// The client itself (RFC 7591).
    Registration,
}

/// Whether it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It does.
    Active,
    /// An operator has said that it does not.
    Disabled,
    /// The configuration has no room for it any more, such as for a scope that is no longer defined.
    LeftOut,
}

impl From<AddedBy> for Source {
    fn from(by: AddedBy) -> Self {
        match by {
            AddedBy::Operator => Self::Operator,
            AddedBy::Registration => Self::Registration,
        }
    }
}

impl Source {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Operator => "operator",
            Self::Registration => "registration",
        }
    }
}

impl Standing {
    /// Of what was added.
    pub(super) fn of(disabled: bool, counts: bool) -> Self {
        match (disabled, counts) {
            (true, _) => Self::Disabled,
            (false, true) => Self::Active,
            (false, false) => Self::LeftOut,
        }
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::LeftOut => "left out",
        }
    }
}
