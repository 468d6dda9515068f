//! The keys of records. Secrets are stored under their digest alone.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::encode_segment;
use serde::{Deserialize, Serialize};

/// The SHA-256 of a secret made by a machine (at least 128 random bits): what the store keeps in
/// its place. Comparing digests in a time that depends on them tells nothing of the secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// Hashes a secret.
    pub fn of(secret: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, secret).as_ref());
        Self(bytes)
    }

    /// Takes a digest that was made before.
    pub fn from_bytes(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(..)")
    }
}

/// Declares a name of 128 random bits that is no secret.
macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Takes bytes from a cryptographic random source, or those of a stored id.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// As people and the audit log write it.
            pub fn to_text(self) -> String {
                encode_segment(&self.0)
            }

            /// Reads what [`Self::to_text`] wrote.
            pub fn from_text(text: &str) -> Option<Self> {
                let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
                bytes.try_into().ok().map(Self)
            }
        }
    };
}

random_id! {
    /// Names a user's grant: one authorization by one user of one client, with the family of
    /// refresh tokens that descends from it. Access tokens carry it.
    GrantId
}

random_id! {
    /// Names a login session, or a line of them. Unlike the cookie's value it is no secret.
    SessionId
}
