//! The claims of an assertion (RFC 7523 §3).

use dockgate_token::Issuer;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::{Number, Value};

use super::{MAX_JTI_BYTES, TOLERANCE};
use crate::clock::UnixSeconds;
use crate::protocol::AssertionError;

/// The claims as they are written. One that comes twice or has the wrong type is refused by the
/// parser, never taken for one that is not there.
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) iat: Option<UnixSeconds>,
    aud: Option<Value>,
    exp: Option<UnixSeconds>,
    nbf: Option<UnixSeconds>,
    jti: Option<String>,
}

#[derive(serde::Deserialize)]
struct Written {
    #[serde(default, deserialize_with = "present")]
    iss: Option<String>,
    #[serde(default, deserialize_with = "present")]
    sub: Option<String>,
    #[serde(default, deserialize_with = "present")]
    aud: Option<Value>,
    #[serde(default, deserialize_with = "numeric_date")]
    exp: Option<UnixSeconds>,
    #[serde(default, deserialize_with = "numeric_date")]
    nbf: Option<UnixSeconds>,
    #[serde(default, deserialize_with = "numeric_date")]
    iat: Option<UnixSeconds>,
    #[serde(default, deserialize_with = "present")]
    jti: Option<String>,
}

/// Reads a member that is there: `null` is a value of the wrong type, not an absent one.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Numbers beyond this are not exact in JSON, and no date either.
const MAX_NUMERIC_DATE: u64 = 1 << 53;

/// RFC 7519 §2: a number of seconds, which may have a fraction. The fraction is cut off.
fn numeric_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<UnixSeconds>, D::Error> {
    let number = Number::deserialize(deserializer)?;
    let seconds = number.as_u64().or_else(|| whole_seconds(number.as_f64()?));
    let seconds = seconds.filter(|seconds| *seconds <= MAX_NUMERIC_DATE);
    seconds.map(Some).ok_or_else(|| D::Error::custom("no date"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the range is checked first, and within it the cast is exact but for the fraction"
)]
fn whole_seconds(number: f64) -> Option<UnixSeconds> {
    (0.0..=MAX_NUMERIC_DATE as f64)
        .contains(&number)
        .then_some(number as UnixSeconds)
}

impl Claims {
    pub(super) fn parse(json: &[u8]) -> Result<Self, AssertionError> {
        let written: Written =
            serde_json::from_slice(json).map_err(|_| AssertionError::MalformedClaims)?;
        let party = |name: Option<String>| {
            let name = name.filter(|name| !name.is_empty());
            name.ok_or(AssertionError::PartyMissing)
        };
        Ok(Self {
            // Items 1 and 2 of RFC 7523 §3.
            iss: party(written.iss)?,
            sub: party(written.sub)?,
            iat: written.iat,
            aud: written.aud,
            exp: written.exp,
            nbf: written.nbf,
            jti: written.jti,
        })
    }

    /// RFC 10070: the issuer identifier alone, as a string. With the URL of an endpoint, or beside
    /// another audience, an assertion that was meant for one server is good at another.
    pub(super) fn check_audience(&self, issuer: &Issuer) -> Result<(), AssertionError> {
        match &self.aud {
            Some(Value::String(audience)) if audience == issuer.as_str() => Ok(()),
            _ => Err(AssertionError::WrongAudience),
        }
    }

    /// Item 4 of RFC 7523 §3, which lets a server refuse an `exp` that is unreasonably far away.
    pub(super) fn check_expiry(
        &self,
        now: UnixSeconds,
        max_lifetime: u64,
    ) -> Result<UnixSeconds, AssertionError> {
        let exp = self.exp.ok_or(AssertionError::ExpiryMissing)?;
        if exp.saturating_add(TOLERANCE) <= now {
            return Err(AssertionError::Expired);
        }
        let latest = now.saturating_add(max_lifetime).saturating_add(TOLERANCE);
        if exp > latest {
            return Err(AssertionError::ExpiresTooLate);
        }
        Ok(exp)
    }

    /// Item 5 of RFC 7523 §3.
    pub(super) fn check_not_before(&self, now: UnixSeconds) -> Result<(), AssertionError> {
        match self.nbf {
            Some(nbf) if nbf > now.saturating_add(TOLERANCE) => Err(AssertionError::NotYetValid),
            _ => Ok(()),
        }
    }

    /// Item 6 of RFC 7523 §3. However long ago it was: what bounds an assertion's life is `exp`.
    pub(super) fn check_issued_at(&self, now: UnixSeconds) -> Result<(), AssertionError> {
        match self.iat {
            Some(iat) if iat > now.saturating_add(TOLERANCE) => Err(AssertionError::IssuedInFuture),
            _ => Ok(()),
        }
    }

    /// What it is remembered by. RFC 7523 §3 item 7 leaves `jti` open; without one, an assertion
    /// could be used again and again.
    pub(super) fn jti(&self) -> Result<String, AssertionError> {
        let jti = self.jti.as_ref().filter(|jti| !jti.is_empty());
        let jti = jti.ok_or(AssertionError::JtiMissing)?;
        if jti.len() > MAX_JTI_BYTES {
            return Err(AssertionError::JtiTooLong);
        }
        Ok(jti.clone())
    }
}
