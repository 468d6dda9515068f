//! Reading single claims, each where its issuer's profile says that it is.

use std::borrow::Cow;

use dockgate_token::{Audience, ClientId, Scope};

use crate::UnixSeconds;
use crate::claim_requirement::ClaimName;
use crate::denial::TokenFault;
use crate::strict_json::{Json, JsonObject};
use crate::token_profile::TokenProfile;

/// Reads a claim that may be absent, but not of another type.
pub(super) fn optional<'a, 'p, T>(
    members: &'a JsonObject<'p>,
    claim: &'static str,
    may_be_absent: bool,
    read: impl FnOnce(&'a JsonObject<'p>, &'static str) -> Result<T, TokenFault>,
) -> Result<Option<T>, TokenFault> {
    if may_be_absent && members.get(claim).is_none() {
        return Ok(None);
    }
    read(members, claim).map(Some)
}

pub(super) fn required_string<'a>(
    members: &'a JsonObject<'_>,
    claim: &'static str,
) -> Result<&'a str, TokenFault> {
    let text = members.get(claim).and_then(Json::as_str);
    text.filter(|text| !text.is_empty()).ok_or(bad_claim(claim))
}

/// The first of the profile's claims that is there.
pub(super) fn client_id(
    members: &JsonObject<'_>,
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
pub(super) fn scope(members: &JsonObject<'_>, profile: &TokenProfile) -> Result<Scope, TokenFault> {
    let mut tokens = Vec::new();
    for name in &profile.scope_claims {
        match name.find(members) {
            None => {}
            Some(Json::String(text)) => {
                tokens.extend(text.split(' ').filter(|token| !token.is_empty()));
            }
            Some(Json::Array(values)) if profile.scope_as_array => {
                let texts = values.iter().map(Json::as_str);
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
pub(super) fn audience(
    members: &JsonObject<'_>,
    profile: &TokenProfile,
) -> Result<Audience, TokenFault> {
    let own = members
        .get("aud")
        .map(|value| strings(value).ok_or(bad_claim("aud")))
        .transpose()?;
    let mut others = Vec::new();
    for name in &profile.audience_claims {
        if let Some(value) = name.find(members) {
            others.push(strings(value).ok_or_else(|| bad_name(name))?);
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

/// One string, or a list of nothing else.
fn strings(value: &Json<'_>) -> Option<Audience> {
    match value {
        Json::String(one) => Some(Audience::One(one.clone().into_owned())),
        Json::Array(many) => {
            let texts = many.iter().map(Json::as_str);
            let texts = texts.map(|text| text.map(str::to_owned));
            texts.collect::<Option<_>>().map(Audience::Many)
        }
        _ => None,
    }
}

pub(super) fn bad_claim(claim: &'static str) -> TokenFault {
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
pub(super) fn numeric_date(
    members: &JsonObject<'_>,
    claim: &'static str,
) -> Result<UnixSeconds, TokenFault> {
    let number = match members.get(claim) {
        Some(Json::Number(number)) => number,
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
