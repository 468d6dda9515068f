//! What a grant comes to.

use dockgate_token::{AccessTokenClaims, Algorithm};

/// A token to be signed and handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuance {
    /// What the token says.
    pub claims: AccessTokenClaims,
    /// What it is signed with.
    pub algorithm: Algorithm,
    /// Its lifetime, in seconds.
    pub expires_in: u64,
}
