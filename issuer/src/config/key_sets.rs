//! Public keys of others: `jwks`, or `jwks_file`.

use std::borrow::Cow;
use std::path::Path;

use super::error::Problems;
use super::located::{Located, Place};
use crate::keys::{KeySetError, VerificationKeys};

/// How a key set may be written: at most one of the two.
pub(super) struct WrittenKeys {
    pub(super) jwks: Option<Located<String>>,
    pub(super) jwks_file: Option<Located<String>>,
}

impl WrittenKeys {
    /// Where the key set is written, if it is.
    pub(super) fn place(&self) -> Option<&Place> {
        let written = self.jwks.as_ref().or(self.jwks_file.as_ref());
        written.map(|written| &written.place)
    }

    /// The keys; `None` where none are written or after a mistake. Files are relative to
    /// `directory`.
    pub(super) fn check(
        self,
        whose: &str,
        directory: &Path,
        problems: &mut Problems,
    ) -> Option<VerificationKeys> {
        let place = self.place()?.clone();
        let json: Cow<'_, str> = match (&self.jwks, &self.jwks_file) {
            (Some(_), Some(_)) => {
                let wrong = format!("{whose} has both jwks and jwks_file");
                problems.add(&place, wrong, "Keep one of the two");
                return None;
            }
            (Some(jwks), None) => Cow::Borrowed(&jwks.value),
            (None, file) => {
                let path = directory.join(&file.as_ref()?.value);
                match std::fs::read_to_string(&path) {
                    Ok(json) => Cow::Owned(json),
                    Err(error) => {
                        let wrong = format!("{whose}: {} cannot be read ({error})", path.display());
                        let instead = "Write the path of a file that holds the JSON Web Key Set";
                        problems.add(&place, wrong, instead);
                        return None;
                    }
                }
            }
        };
        let keys = VerificationKeys::parse(json.as_bytes());
        keys.map_err(|error| {
            let wrong = format!("{whose}: the key set cannot be used: {error}");
            problems.add(&place, wrong, remedy(error));
        })
        .ok()
    }
}

fn remedy(error: KeySetError) -> &'static str {
    match error {
        KeySetError::Malformed => "Write an object {\"keys\": [...]} with one object for each key",
        KeySetError::TooMany => "Keep the keys that are in use",
        KeySetError::Private(_) => {
            "Write the public members alone (RSA: kty, n, e; EC: kty, crv, x, y), and make a new key: this one has been seen"
        }
        KeySetError::Symmetric(_) => "Make a key pair, such as ES256, and write its public key",
        KeySetError::RsaSize(_) => "Make an RSA key of 2048 bits or more, or an ES256 key",
        KeySetError::RsaWeak(_) => {
            "Make another key, such as ES256, and use this one nowhere any more"
        }
        KeySetError::Broken(_) => "Export the public key once more; its members are base64url",
        KeySetError::Repeated(_) => "Give each key a kid of its own",
        KeySetError::Empty => {
            "Add a key for RS256, RS384, RS512, PS256, ES256, ES384 or EdDSA whose use is sig"
        }
    }
}
