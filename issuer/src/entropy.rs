//! The system's random source.

use std::fmt;

/// What the outermost layer is given to fill bytes with randomness; tests give their own.
pub type Entropy = fn(&mut [u8]) -> Result<(), EntropyFailure>;

/// The random source gave nothing. Whatever needed it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntropyFailure;

impl fmt::Display for EntropyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the system's random source failed")
    }
}

impl std::error::Error for EntropyFailure {}

/// Fills `bytes` from the cryptographic random source.
///
/// # Errors
/// [`EntropyFailure`] when the source fails; `bytes` must then not be used.
pub fn system_entropy(bytes: &mut [u8]) -> Result<(), EntropyFailure> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| EntropyFailure)
}
