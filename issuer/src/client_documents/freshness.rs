//! How long a document is good (RFC 9111 §4.2), within bounds: no host makes the issuer ask for each
//! request, nor keep what it has for ever.
//!
//! The issuer reads for itself, so it is a private cache: `private` and `s-maxage` say nothing to it.

use std::time::SystemTime;

use hyper::HeaderMap;
use hyper::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderName, VARY};

/// Never less, also where nothing may be stored: the steps of one login have to see one client.
pub(super) const LEAST_SECONDS: u64 = 60;
/// Never more: a redirect URI that its owner takes out is gone after a day.
pub(super) const MOST_SECONDS: u64 = 24 * 60 * 60;
/// Never more for keys: of one that was stolen its owner is rid after ten minutes, and who begins to
/// sign with another is understood.
pub(super) const MOST_SECONDS_OF_KEYS: u64 = 10 * 60;
/// Where nothing is said.
pub(super) const DEFAULT_SECONDS: u64 = 60 * 60;
/// For how long a host that has failed is not asked for the same again.
pub(super) const PAUSE_SECONDS: u64 = 30;
/// How long a document may be used after it has ceased to be fresh, while its host does not answer.
pub(super) const STALE_SECONDS: u64 = 60 * 60;

/// For how long an answer may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Freshness {
    /// For how many seconds it is good.
    pub(super) seconds: u64,
    /// Whether it may be used longer while its host does not answer (RFC 9111 §4.2.4).
    pub(super) may_be_stale: bool,
}

/// What is said by these headers.
pub(super) fn freshness(headers: &HeaderMap) -> Freshness {
    let said = Said::in_cache_control(headers);
    // `*` never matches another request (RFC 9111 §4.1).
    if said.not_to_be_kept || text(headers, &VARY).is_some_and(|names| names.contains('*')) {
        return Freshness {
            seconds: LEAST_SECONDS,
            may_be_stale: false,
        };
    }
    let lifetime = said.max_age.or_else(|| expires_after(headers));
    let age = text(headers, &AGE).map_or(0, |age| delta_seconds(age).unwrap_or(0));
    let seconds = lifetime.unwrap_or(DEFAULT_SECONDS).saturating_sub(age);
    Freshness {
        seconds: seconds.clamp(LEAST_SECONDS, MOST_SECONDS),
        may_be_stale: !said.never_stale,
    }
}

#[derive(Default)]
struct Said {
    max_age: Option<u64>,
    not_to_be_kept: bool,
    never_stale: bool,
}

impl Said {
    fn in_cache_control(headers: &HeaderMap) -> Self {
        let mut said = Self::default();
        let values = headers.get_all(CACHE_CONTROL).iter();
        let values = values.filter_map(|value| value.to_str().ok());
        for directive in values.flat_map(|value| value.split(',')) {
            let directive = directive.trim().to_ascii_lowercase();
            let (name, value) = match directive.split_once('=') {
                Some((name, value)) => (name, value.trim_matches('"')),
                None => (directive.as_str(), ""),
            };
            match name {
                "no-store" | "no-cache" => said.not_to_be_kept = true,
                "must-revalidate" => said.never_stale = true,
                "max-age" => {
                    // What cannot be read counts as stale, and of two that differ the shorter counts
                    // (RFC 9111 §4.2.1).
                    let seconds = delta_seconds(value).unwrap_or(0);
                    said.max_age = Some(said.max_age.unwrap_or(seconds).min(seconds));
                }
                _ => {}
            }
        }
        said
    }
}

/// RFC 9111 §5.3: what is no date has passed already.
fn expires_after(headers: &HeaderMap) -> Option<u64> {
    let expires = date(text(headers, &EXPIRES)?);
    let now = text(headers, &DATE).and_then(date);
    let between = now.zip(expires).map(|(now, then)| then.duration_since(now));
    let seconds = between.and_then(|between| Some(between.ok()?.as_secs()));
    Some(seconds.unwrap_or(0))
}

fn date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

/// One that is too large to be a number here is a large one (RFC 9111 §1.2.2).
fn delta_seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
