//! Making guesses slow: of passwords, and of user codes.
//!
//! What is counted are failures, never attempts, and always *from where* they come: whoever guesses
//! at an account slows down nobody but those who share the address. All of it is in memory, of a
//! size that is bounded: keys are digests, and of too many the one that was used least recently
//! goes.

mod allowance;
mod login;
mod recent;
mod source;
mod streak;
mod user_code;

pub use login::LoginThrottle;
pub use source::Source;
pub use user_code::UserCodeThrottle;

/// Try again after so many seconds, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub u64);

/// What a counter is kept under: the start of a SHA-256, the same size for whatever was typed.
type Key = [u8; 16];
