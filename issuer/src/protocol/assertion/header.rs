//! The header of an assertion (RFC 7515 §4).

use dockgate_token::{Algorithm, CompactJws};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::claims::present;
use crate::keys::VerificationKeys;
use crate::protocol::AssertionError;

/// The parameters that matter. A member that comes twice is refused by the parser; `jwk`, `jku` and
/// their like are not looked at: keys come from the configuration alone (RFC 8725 §3.10).
#[derive(Deserialize)]
pub(super) struct Header {
    alg: String,
    #[serde(default, deserialize_with = "present")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<IgnoredAny>,
}

impl Header {
    pub(super) fn parse(json: &[u8]) -> Result<Self, AssertionError> {
        serde_json::from_slice(json).map_err(|_| AssertionError::MalformedHeader)
    }

    /// RFC 7515 §4.1.11: extensions that are not understood must not be ignored, and we have none.
    pub(super) fn check_critical(&self) -> Result<(), AssertionError> {
        match self.crit {
            None => Ok(()),
            Some(_) => Err(AssertionError::CriticalHeader),
        }
    }

    /// A token of another kind is no assertion (RFC 8725 §3.11). `typ` is a media type, of which
    /// `application/` may be left out (RFC 7515 §4.1.9).
    pub(super) fn check_type(&self, own: &str) -> Result<(), AssertionError> {
        let Some(typ) = &self.typ else {
            return Ok(());
        };
        let typ = typ.to_ascii_lowercase();
        let subtype = typ.strip_prefix("application/").unwrap_or(&typ);
        if subtype == "jwt" || subtype == own {
            Ok(())
        } else {
            Err(AssertionError::WrongType)
        }
    }

    /// The algorithm, of those that sign with a private key (RFC 8725 §3.1).
    pub(super) fn algorithm(&self) -> Result<Algorithm, AssertionError> {
        let algorithm = self.alg.parse();
        algorithm.map_err(|_| AssertionError::AlgorithmNotAllowed)
    }

    /// Tries the keys that the header may mean: those of its `kid`, or all where it has none.
    pub(super) fn check_signature(
        &self,
        algorithm: Algorithm,
        keys: &VerificationKeys,
        jws: &CompactJws<'_>,
    ) -> Result<(), AssertionError> {
        let mut failure = AssertionError::UnknownKey;
        for key in keys.candidates(algorithm, self.kid.as_deref()) {
            if key.verify(jws.signing_input, &jws.signature) {
                return Ok(());
            }
            failure = AssertionError::WrongSignature;
        }
        Err(failure)
    }
}
