//! Client secrets, kept as a digest.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

use crate::clock::UnixSeconds;

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

/// The secrets of one client: several while an old one is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSecrets(Vec<ClientSecret>);

/// A secret, and how long it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSecret {
    /// What is known of it.
    pub hash: ClientSecretHash,
    /// When it is one no more; `None`: never.
    pub expires_at: Option<UnixSeconds>,
}

impl ClientSecrets {
    /// How many a client may have: as many as one compares without being slow.
    pub const MOST: usize = 5;

    /// Those in the list; a client with none cannot authenticate.
    pub fn new(secrets: Vec<ClientSecret>) -> Self {
        Self(secrets)
    }

    /// Until when each of them is one; `None`: for ever.
    pub fn ends(&self) -> impl Iterator<Item = Option<UnixSeconds>> {
        self.0.iter().map(|secret| secret.expires_at)
    }

    /// Whether `presented` is one of them at `now`, in a time that does not depend on which.
    pub fn matches(&self, presented: &[u8], now: UnixSeconds) -> bool {
        self.0.iter().fold(false, |matched, secret| {
            let alive = secret.expires_at.is_none_or(|end| now < end);
            matched | (secret.hash.matches(presented) & alive)
        })
    }
}

impl From<ClientSecretHash> for ClientSecrets {
    fn from(hash: ClientSecretHash) -> Self {
        Self(vec![ClientSecret {
            hash,
            expires_at: None,
        }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str, expires_at: Option<UnixSeconds>) -> ClientSecret {
        ClientSecret {
            hash: ClientSecretHash::of(text.as_bytes()),
            expires_at,
        }
    }

    #[test]
    fn an_old_secret_counts_until_its_end_and_the_new_one_beside_it() {
        let secrets = ClientSecrets::new(vec![secret("old", Some(100)), secret("new", None)]);
        for (presented, now, expected) in [
            ("old", 99, true),
            ("old", 100, false),
            ("new", 99, true),
            ("new", 100, true),
            ("other", 99, false),
            ("", 99, false),
        ] {
            let matches = secrets.matches(presented.as_bytes(), now);
            assert_eq!(matches, expected, "{presented} at {now}");
        }
    }

    #[test]
    fn without_a_secret_nothing_matches() {
        assert!(!ClientSecrets::new(Vec::new()).matches(b"", 0));
    }
}
