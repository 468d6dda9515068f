//! The claims of a token: read strictly, and but for `iss` and `exp` only after the signature.

use std::borrow::Cow;

use dockgate_token::{Audience, ClientId, Scope};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use crate::UnixSeconds;
use crate::claim_requirement::{ClaimName, ClaimRequirement};
use crate::denial::TokenFault;
use crate::strict_json::parse_object;
use crate::token_profile::TokenProfile;

/// A payload that is one JSON object; which claims it must have is up to its issuer.
#[derive(Debug)]
pub(crate) struct UnverifiedPayload {
    members: Map<String, Value>,
}

/// Claims of the right shape that nobody has vouched for yet.
#[derive(Debug)]
pub(crate) struct UnverifiedClaims {
    claims: VerifiedClaims,
}

/// Claims under a good signature of a configured issuer, for a configured audience, in their time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedClaims {
    /// Absent only where the issuer's profile says that it may be; so are `client_id` and
    /// `issued_at`.
    pub(crate) subject: Option<String>,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) audience: Audience,
    pub(crate) scope: Scope,
    pub(crate) expires_at: UnixSeconds,
    pub(crate) not_before: Option<UnixSeconds>,
    pub(crate) issued_at: Option<UnixSeconds>,
    /// Which of the policy's claim requirements these claims meet, by position.
    pub(crate) met_requirements: Vec<usize>,
}

impl VerifiedClaims {
    /// What it takes of the memory beside the structure itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        let client_id = self.client_id.as_ref().map(ClientId::as_str);
        let own = self.subject.as_deref().into_iter().chain(client_id);
        let texts = own.chain(self.audience.iter()).chain(self.scope.iter());
        let texts: usize = texts.map(|text| text.len() + TEXT_OVERHEAD_BYTES).sum();
        texts + self.met_requirements.capacity() * size_of::<usize>()
    }
}

/// A `String` of its own: its three words, what the allocator adds, and the slack of the list that it
/// is in.
const TEXT_OVERHEAD_BYTES: usize = 40;

impl UnverifiedPayload {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, TokenFault> {
        let members = parse_object(bytes).map_err(|_| TokenFault::ClaimsNotJson)?;
        Ok(Self { members })
    }

    /// To be used for one thing only: choosing by whose rules to read this, and whose keys must
    /// have signed it.
    pub(crate) fn unverified_issuer(&self) -> Result<&str, TokenFault> {
        required_string(&self.members, "iss")
    }

    /// Whether `exp` is there and past, so that not even a good signature would help.
    pub(crate) fn is_over(&self, skew: u64, now: UnixSeconds) -> bool {
        numeric_date(&self.members, "exp").is_ok_and(|exp| now >= exp.saturating_add(skew))
    }

    /// Reads the claims that RFC 9068 §2.2 requires, `nbf` and the scope, where the issuer's profile
    /// says that they are.
    ///
    /// A claim of the wrong type is refused, never treated as absent (CVE-2026-25537).
    pub(crate) fn claims(
        self,
        profile: &TokenProfile,
        requirements: &[ClaimRequirement],
    ) -> Result<UnverifiedClaims, TokenFault> {
        let members = &self.members;
        profile.check_kind(members)?;
        optional(members, "jti", profile.may_lack.token_id, required_string)?;
        let met = requirements.iter().enumerate();
        let met = met.filter(|(_, requirement)| requirement.is_met_by(members));
        Ok(UnverifiedClaims {
            claims: VerifiedClaims {
                subject: optional(members, "sub", profile.may_lack.subject, required_string)?
                    .map(str::to_owned),
                client_id: client_id(members, profile)?,
                audience: audience(members, profile)?,
                scope: scope(members, profile)?,
                expires_at: numeric_date(members, "exp")?,
                not_before: optional(members, "nbf", true, numeric_date)?,
                issued_at: optional(members, "iat", profile.may_lack.issued_at, numeric_date)?,
                met_requirements: met.map(|(position, _)| position).collect(),
            },
        })
    }
}

impl UnverifiedClaims {
    /// Believes the claims. `_evidence` can be had only from a signature check.
    pub(crate) fn believe(self, _evidence: &crate::verify::GoodSignature) -> VerifiedClaims {
        self.claims
    }
}

/// Reads a claim that may be absent, but not of another type.
fn optional<'a, T>(
    members: &'a Map<String, Value>,
    claim: &'static str,
    may_be_absent: bool,
    read: impl FnOnce(&'a Map<String, Value>, &'static str) -> Result<T, TokenFault>,
) -> Result<Option<T>, TokenFault> {
    if may_be_absent && !members.contains_key(claim) {
        return Ok(None);
    }
    read(members, claim).map(Some)
}

fn required_string<'a>(
    members: &'a Map<String, Value>,
    claim: &'static str,
) -> Result<&'a str, TokenFault> {
    let text = members.get(claim).and_then(Value::as_str);
    text.filter(|text| !text.is_empty()).ok_or(bad_claim(claim))
}

/// The first of the profile's claims that is there.
fn client_id(
    members: &Map<String, Value>,
    profile: &TokenProfile,
) -> Result<Option<ClientId>, TokenFault> {
    let names = &profile.client_id_claims;
    let found = names
        .iter()
        .find_map(|name| name.find(members).map(|value| (name, value)));
    match found {
        Some((name, value)) => value
            .as_str()
            .and_then(|text| text.parse().ok())
            .map(Some)
            .ok_or_else(|| bad_name(name)),
        None if profile.may_lack.client_id => Ok(None),
        None => Err(names.first().map_or(bad_claim("client_id"), bad_name)),
    }
}

/// RFC 9068 §2.2.3: one string of space-delimited scopes; it may be empty. Where the profile says
/// so, a list too.
fn scope(members: &Map<String, Value>, profile: &TokenProfile) -> Result<Scope, TokenFault> {
    let mut tokens = Vec::new();
    for name in &profile.scope_claims {
        match name.find(members) {
            None => {}
            Some(Value::String(text)) => {
                tokens.extend(text.split(' ').filter(|token| !token.is_empty()));
            }
            Some(Value::Array(values)) if profile.scope_as_array => {
                let texts = values.iter().map(Value::as_str);
                let texts: Option<Vec<&str>> = texts.collect();
                tokens.extend(texts.ok_or_else(|| bad_name(name))?);
            }
            Some(_) => return Err(bad_name(name)),
        }
    }
    Scope::from_tokens(tokens).map_err(|_| {
        profile
            .scope_claims
            .first()
            .map_or(bad_claim("scope"), bad_name)
    })
}

/// RFC 7519 §4.1.3: one string or a list of strings; with what the profile's other claims name.
fn audience(members: &Map<String, Value>, profile: &TokenProfile) -> Result<Audience, TokenFault> {
    let read = |value: &Value, fault: TokenFault| Audience::deserialize(value).map_err(|_| fault);
    let own = members
        .get("aud")
        .map(|value| read(value, bad_claim("aud")))
        .transpose()?;
    let mut others = Vec::new();
    for name in &profile.audience_claims {
        if let Some(value) = name.find(members) {
            others.push(read(value, bad_name(name))?);
        }
    }
    match own {
        Some(own) if others.is_empty() => Ok(own),
        None if others.is_empty() => Err(bad_claim("aud")),
        own => {
            let all = own.iter().chain(&others).flat_map(Audience::iter);
            Ok(Audience::Many(all.map(str::to_owned).collect()))
        }
    }
}

fn bad_claim(claim: &'static str) -> TokenFault {
    TokenFault::BadClaim {
        claim: Cow::Borrowed(claim),
    }
}

fn bad_name(name: &ClaimName) -> TokenFault {
    TokenFault::BadClaim {
        claim: Cow::Owned(name.as_str().to_owned()),
    }
}

/// RFC 7519 §2: a JSON number of seconds, which may have a fraction. The fraction is cut off, which
/// ends a token early and never late. Beyond 2^53 a number is not exact and no date either.
fn numeric_date(
    members: &Map<String, Value>,
    claim: &'static str,
) -> Result<UnixSeconds, TokenFault> {
    let number = match members.get(claim) {
        Some(Value::Number(number)) => number,
        _ => return Err(bad_claim(claim)),
    };
    let seconds = number
        .as_u64()
        .or_else(|| number.as_f64().and_then(whole_seconds));
    seconds
        .filter(|seconds| *seconds <= MAX_NUMERIC_DATE)
        .ok_or(bad_claim(claim))
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

    fn read(claims: &Value, profile: &TokenProfile) -> Result<UnverifiedClaims, TokenFault> {
        let text = claims.to_string();
        let payload = UnverifiedPayload::parse(text.as_bytes())?;
        payload.unverified_issuer()?;
        payload.claims(profile, &[])
    }

    fn parse(claims: &Value) -> Result<UnverifiedClaims, TokenFault> {
        read(claims, &TokenProfile::default())
    }

    #[test]
    fn the_claims_of_rfc_9068_are_read() {
        let claims = parse(&base()).unwrap();
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
                assert_eq!(fault, bad_claim(claim), "{claim} = {bad:?}");
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
