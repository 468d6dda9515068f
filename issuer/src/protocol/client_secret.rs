//! Client secrets, kept as a digest.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

/// The SHA-256 of a client secret. Enough for secrets made by a machine (128 bits or more), which
/// nobody can search; passwords that people choose take Argon2id instead. Does not print.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientSecretHash([u8; 32]);

impl ClientSecretHash {
    /// Takes a digest as it is.
    pub fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Hashes a secret.
    pub fn of(secret: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, secret).as_ref());
        Self(bytes)
    }

    /// Whether `presented` is the secret, in a time that does not depend on where they differ.
    pub fn matches(&self, presented: &[u8]) -> bool {
        let presented = digest(&SHA256, presented);
        verify_slices_are_equal(&self.0, presented.as_ref()).is_ok()
    }
}

impl fmt::Debug for ClientSecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecretHash(..)")
    }
}
