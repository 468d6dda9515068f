//! The claims of a token: read strictly before the signature is checked, believed only after.

use std::str::FromStr;

use dockgate_token::{Audience, ClientId, Scope};
use serde_json::{Map, Value};

use crate::UnixSeconds;
use crate::denial::TokenFault;
use crate::strict_json::parse_object;

/// Claims of the right shape that nobody has vouched for yet.
#[derive(Debug)]
pub(crate) struct UnverifiedClaims {
    /// To be used for one thing only: choosing whose keys must have signed this.
    pub(crate) unverified_issuer: String,
    claims: VerifiedClaims,
}

/// Claims under a good signature of a configured issuer, for a configured audience, in their time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedClaims {
    pub(crate) subject: String,
    pub(crate) client_id: ClientId,
    pub(crate) audience: Audience,
    pub(crate) scope: Scope,
    pub(crate) expires_at: UnixSeconds,
    pub(crate) not_before: Option<UnixSeconds>,
    pub(crate) issued_at: UnixSeconds,
}

impl VerifiedClaims {
    /// What its texts take of the memory beside the structure itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        let own = [self.subject.as_str(), self.client_id.as_str()].into_iter();
        let texts = own.chain(self.audience.iter()).chain(self.scope.iter());
        texts.map(|text| text.len() + TEXT_OVERHEAD_BYTES).sum()
    }
}

/// A `String` of its own: its three words, and what the allocator adds.
const TEXT_OVERHEAD_BYTES: usize = 24;

impl UnverifiedClaims {
    /// Reads the claims that RFC 9068 §2.2 requires, `nbf` and `scope`.
    ///
    /// A claim of the wrong type is refused, never treated as absent (CVE-2026-25537).
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, TokenFault> {
        let members = parse_object(payload).map_err(|_| TokenFault::ClaimsNotJson)?;
        string(&members, "jti")?;
        Ok(Self {
            unverified_issuer: string(&members, "iss")?.to_owned(),
            claims: VerifiedClaims {
                subject: string(&members, "sub")?.to_owned(),
                client_id: parsed(&members, "client_id")?,
                audience: audience(&members)?,
                scope: if members.contains_key("scope") {
                    scope(&members)?
                } else {
                    Scope::empty()
                },
                expires_at: numeric_date(&members, "exp")?,
                not_before: members
                    .contains_key("nbf")
                    .then(|| numeric_date(&members, "nbf"))
                    .transpose()?,
                issued_at: numeric_date(&members, "iat")?,
            },
        })
    }

    /// Refuses claims that would be refused under a good signature too.
    pub(crate) fn must(
        &self,
        be: impl FnOnce(&VerifiedClaims) -> Result<(), TokenFault>,
    ) -> Result<(), TokenFault> {
        be(&self.claims)
    }

    /// Believes the claims. `_evidence` can be had only from a signature check.
    pub(crate) fn believe(self, _evidence: &crate::verify::GoodSignature) -> VerifiedClaims {
        self.claims
    }
}

fn string<'a>(members: &'a Map<String, Value>, claim: &'static str) -> Result<&'a str, TokenFault> {
    let text = members.get(claim).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
        .ok_or(TokenFault::BadClaim { claim })
}

fn parsed<T: FromStr>(members: &Map<String, Value>, claim: &'static str) -> Result<T, TokenFault> {
    string(members, claim)?
        .parse()
        .map_err(|_| TokenFault::BadClaim { claim })
}

/// RFC 9068 §2.2.3: one string of space-delimited scopes; it may be empty.
fn scope(members: &Map<String, Value>) -> Result<Scope, TokenFault> {
    let text = members.get("scope").and_then(Value::as_str);
    text.and_then(|text| text.parse().ok())
        .ok_or(TokenFault::BadClaim { claim: "scope" })
}

/// RFC 7519 §4.1.3: one string or a list of strings.
fn audience(members: &Map<String, Value>) -> Result<Audience, TokenFault> {
    let fault = TokenFault::BadClaim { claim: "aud" };
    let value = members.get("aud").ok_or(fault.clone())?;
    serde_json::from_value(value.clone()).map_err(|_| fault)
}

/// RFC 7519 §2: a JSON number of seconds, which may have a fraction. The fraction is cut off, which
/// ends a token early and never late. Beyond 2^53 a number is not exact and no date either.
fn numeric_date(
    members: &Map<String, Value>,
    claim: &'static str,
) -> Result<UnixSeconds, TokenFault> {
    let number = match members.get(claim) {
        Some(Value::Number(number)) => number,
        _ => return Err(TokenFault::BadClaim { claim }),
    };
    let seconds = number
        .as_u64()
        .or_else(|| number.as_f64().and_then(whole_seconds));
    seconds
        .filter(|seconds| *seconds <= MAX_NUMERIC_DATE)
        .ok_or(TokenFault::BadClaim { claim })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the range is checked first, and within it the cast is exact but for the fraction"
)]
fn whole_seconds(number: f64) -> Option<UnixSeconds> {
    (number.is_sign_positive() && number <= MAX_NUMERIC_DATE as f64)
        .then_some(number as UnixSeconds)
}

const MAX_NUMERIC_DATE: UnixSeconds = 1 << 53;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn base() -> Value {
        json!({"iss": "https://i", "sub": "s", "aud": "a", "exp": 10, "iat": 5, "jti": "j", "client_id": "c", "scope": "x y"})
    }

    fn parse(claims: &Value) -> Result<UnverifiedClaims, TokenFault> {
        UnverifiedClaims::parse(claims.to_string().as_bytes())
    }

    #[test]
    fn the_claims_of_rfc_9068_are_read() {
        let claims = parse(&base()).unwrap();
        assert_eq!(claims.unverified_issuer, "https://i");
        assert_eq!(claims.claims.scope.to_string(), "x y");
        assert_eq!(claims.claims.expires_at, 10);
    }

    #[test]
    fn each_required_claim_must_be_there_and_of_its_type() {
        for claim in ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"] {
            for bad in [
                None,
                Some(json!(null)),
                Some(json!(true)),
                Some(json!({})),
                Some(json!([[]])),
            ] {
                let mut claims = base();
                match bad.clone() {
                    Some(value) => claims[claim] = value,
                    None => drop(claims.as_object_mut().unwrap().remove(claim)),
                }
                let fault = parse(&claims).unwrap_err();
                assert_eq!(fault, TokenFault::BadClaim { claim }, "{claim} = {bad:?}");
            }
        }
    }

    #[test]
    fn optional_claims_of_the_wrong_type_are_refused_too() {
        for (claim, value) in [
            ("scope", json!(["x"])),
            ("scope", json!(null)),
            ("scope", json!("a\tb")),
            ("nbf", json!("5")),
            ("nbf", json!(null)),
            ("sub", json!("")),
        ] {
            let mut claims = base();
            claims[claim] = value.clone();
            assert!(parse(&claims).is_err(), "{claim} = {value}");
        }
    }

    #[test]
    fn numeric_dates() {
        for (text, seconds) in [
            ("0", 0),
            ("1700000000", 1_700_000_000),
            ("1.7e9", 1_700_000_000),
            ("10.9", 10),
            ("4294967296", 1 << 32),
        ] {
            let members = parse_object(format!("{{\"exp\":{text}}}").as_bytes()).unwrap();
            assert_eq!(numeric_date(&members, "exp"), Ok(seconds), "{text}");
        }
        for text in [
            "-1",
            "-0.0",
            "\"1700000000\"",
            "true",
            "9007199254740993",
            "1e308",
            "18446744073709551616",
            "[]",
        ] {
            let members = parse_object(format!("{{\"exp\":{text}}}").as_bytes()).unwrap();
            assert!(numeric_date(&members, "exp").is_err(), "{text}");
        }
    }

    #[test]
    fn an_audience_list_holds_strings_only() {
        for (aud, good) in [
            (json!("a"), true),
            (json!(["a", "b"]), true),
            (json!([]), true),
            (json!([1]), false),
            (json!([["a"]]), false),
            (json!(1), false),
        ] {
            let mut claims = base();
            claims["aud"] = aud.clone();
            assert_eq!(parse(&claims).is_ok(), good, "{aud}");
        }
    }
}
