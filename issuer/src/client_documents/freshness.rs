//! How long a document is good (RFC 9111 §4.2), within bounds: no host makes the issuer ask for each
//! request, nor keep what it has for ever.

use hyper::HeaderMap;
use hyper::header::{AGE, CACHE_CONTROL};

/// Never less, also where nothing may be stored: the steps of one login have to see one client.
pub(super) const LEAST_SECONDS: u64 = 60;
/// Never more: a redirect URI that its owner takes out is gone after a day.
pub(super) const MOST_SECONDS: u64 = 24 * 60 * 60;
/// Where nothing is said.
pub(super) const DEFAULT_SECONDS: u64 = 60 * 60;
/// How long what could not be fetched is not tried again.
pub(super) const FAILURE_SECONDS: u64 = 30;
/// How long a document may be used after it has ceased to be fresh, while its host does not answer.
pub(super) const STALE_SECONDS: u64 = 60 * 60;

/// For how many seconds an answer with these headers is good.
pub(super) fn fresh_seconds(headers: &HeaderMap) -> u64 {
    let mut seconds = None;
    let values = headers.get_all(CACHE_CONTROL).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    for directive in values.flat_map(|value| value.split(',')) {
        let directive = directive.trim().to_ascii_lowercase();
        if directive == "no-store" || directive == "no-cache" {
            return LEAST_SECONDS;
        }
        if let Some(value) = directive.strip_prefix("max-age=") {
            // What cannot be read counts as stale (RFC 9111 §4.2.1).
            seconds = Some(value.trim_matches('"').parse().unwrap_or(0));
        }
    }
    let age = headers
        .get(AGE)
        .and_then(|age| age.to_str().ok()?.trim().parse().ok());
    let seconds = seconds.unwrap_or(DEFAULT_SECONDS);
    seconds
        .saturating_sub(age.unwrap_or(0))
        .clamp(LEAST_SECONDS, MOST_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_http_says_counts_within_bounds() {
        for (cache_control, age, expected) in [
            (None, None, DEFAULT_SECONDS),
            (Some("max-age=600"), None, 600),
            (Some("public, Max-Age=600"), Some("100"), 500),
            (Some("max-age=5"), None, LEAST_SECONDS),
            (Some("max-age=99999999"), None, MOST_SECONDS),
            (Some("max-age=99999999999999999999999"), None, LEAST_SECONDS),
            (Some("max-age=x"), None, LEAST_SECONDS),
            (Some("max-age=600, no-store"), None, LEAST_SECONDS),
            (Some("no-cache"), None, LEAST_SECONDS),
            (Some("private"), None, DEFAULT_SECONDS),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(value) = cache_control {
                headers.insert(CACHE_CONTROL, value.parse().unwrap());
            }
            if let Some(value) = age {
                headers.insert(AGE, value.parse().unwrap());
            }
            assert_eq!(
                fresh_seconds(&headers),
                expected,
                "{cache_control:?} {age:?}"
            );
        }
    }
}
