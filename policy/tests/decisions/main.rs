//! Facts about `decide`: a base that passes, one mutation, the expected reason.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test they are the verdict"
)]

mod admits;
mod answers;
mod cache;
mod clock;
mod cors;
mod costs;
mod explains;
mod profiles;
mod reports;
mod required_claims;
mod scale;
mod support;
mod tells;
mod tokens;
