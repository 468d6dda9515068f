//! What is measured.

use super::setup::Setup;
use crate::bench::algorithm::Algorithm;

/// One kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// Every token is new.
    New(Algorithm),
    /// 10 000 tokens take turns.
    Rotation,
    /// Every token is new and its signature wrong.
    BadSignature(Algorithm),
    /// A token that has expired.
    Expired,
    /// What is no token at all.
    Garbage,
    /// A request without a token.
    NoToken,
}

/// Tokens in rotation: as many as the native cache is told to hold.
pub(super) const ROTATION: usize = 10_000;

/// Every case, in an order in which neighbours can use the same tokens.
pub(super) const CASES: [Case; 10] = [
    Case::New(Algorithm::RS256),
    Case::BadSignature(Algorithm::RS256),
    Case::Rotation,
    Case::New(Algorithm::ES256),
    Case::BadSignature(Algorithm::ES256),
    Case::New(Algorithm::EdDSA),
    Case::BadSignature(Algorithm::EdDSA),
    Case::Expired,
    Case::Garbage,
    Case::NoToken,
];

impl Case {
    /// As `--case` takes it.
    pub(super) fn name(self) -> &'static str {
        use Algorithm::{ES256, EdDSA, RS256};
        match self {
            Self::New(RS256) => "new_rs256",
            Self::New(ES256) => "new_es256",
            Self::New(EdDSA) => "new_eddsa",
            Self::Rotation => "rotation",
            Self::BadSignature(RS256) => "bad_signature_rs256",
            Self::BadSignature(ES256) => "bad_signature_es256",
            Self::BadSignature(EdDSA) => "bad_signature_eddsa",
            Self::Expired => "expired",
            Self::Garbage => "garbage",
            Self::NoToken => "no_token",
        }
    }

    /// Who takes part. What a setting costs is shown where a signature is checked and where none is.
    pub(super) fn setups(self) -> &'static [Setup] {
        use Setup::*;
        match self {
            Self::New(Algorithm::RS256) => &[
                NoFilter,
                Native,
                Ours,
                OursNoCache,
                OursClaims,
                OursFilterState,
            ],
            Self::Rotation => &[
                NoFilter,
                Native,
                NativeCache,
                Ours,
                OursNoCache,
                OursClaims,
                OursFilterState,
            ],
            _ => &[Native, Ours],
        }
    }

    /// The status that every answer must have.
    pub(super) fn status(self, setup: Setup) -> u16 {
        match self {
            Self::New(_) | Self::Rotation => 200,
            _ if setup == Setup::NoFilter => 200,
            _ => 401,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct() {
        let names: std::collections::BTreeSet<_> =
            CASES.into_iter().map(|case| case.name()).collect();
        assert_eq!(names.len(), CASES.len());
    }
}
