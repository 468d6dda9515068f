//! How long the issuer says that its answer stays good (RFC 9111 §4.2).

/// Seconds until the answer is stale by its own `Cache-Control` and `Age`, or `None` if it does not
/// say. `no-store`, `no-cache` and what cannot be read are no time at all.
pub(super) fn lifetime(headers: &[(&[u8], &[u8])]) -> Option<u64> {
    let values = |wanted: &'static [u8]| {
        headers
            .iter()
            .filter(move |(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| *value)
    };
    let stated = values(b"cache-control")
        .flat_map(|value| value.split(|byte| *byte == b','))
        .filter_map(directive)
        // Two that disagree: the careful one.
        .min()?;
    // RFC 9111 §4.2.3: what the answer has aged on its way counts.
    let age = values(b"age").filter_map(seconds).max().unwrap_or(0);
    Some(stated.saturating_sub(age))
}

/// What one directive says of the lifetime (RFC 9111 §5.2.2). `s-maxage` is for caches that serve
/// several users, which this is not.
fn directive(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii();
    let mut parts = text.splitn(2, |byte| *byte == b'=');
    let name = parts.next()?.trim_ascii().to_ascii_lowercase();
    match name.as_slice() {
        b"no-store" | b"no-cache" => Some(0),
        // RFC 9111 §4.2.1: one that is malformed is best taken for stale.
        b"max-age" => Some(parts.next().and_then(seconds).unwrap_or(0)),
        _ => None,
    }
}

/// `delta-seconds` (RFC 9111 §1.2.2), also in quotes; more than fits is a very long time.
fn seconds(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii();
    let text = text
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
        .unwrap_or(text);
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = std::str::from_utf8(text).ok()?;
    Some(digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&str, &str)], expected: Option<u64>) {
        let headers: Vec<(&[u8], &[u8])> = headers
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
            .collect();
        assert_eq!(lifetime(&headers), expected);
    }

    #[test]
    fn max_age_is_the_lifetime() {
        check(&[], None);
        check(&[("cache-control", "public")], None);
        check(&[("cache-control", "max-age=60")], Some(60));
        check(
            &[("Cache-Control", "public, MAX-AGE = \"60\" , immutable")],
            Some(60),
        );
        check(&[("cache-control", "s-maxage=9, max-age=60")], Some(60));
        check(
            &[
                ("cache-control", "max-age=60"),
                ("cache-control", "max-age=30"),
            ],
            Some(30),
        );
        check(
            &[("cache-control", "max-age=99999999999999999999")],
            Some(u64::MAX),
        );
    }

    #[test]
    fn what_forbids_or_breaks_caching_is_no_time_at_all() {
        for value in [
            "no-store",
            "no-cache",
            "No-Store, max-age=60",
            "no-cache=\"set-cookie\", max-age=60",
            "max-age",
            "max-age=",
            "max-age=-1",
            "max-age=1.5",
            "max-age=x",
            "max-age=6 0",
        ] {
            check(&[("cache-control", value)], Some(0));
        }
    }

    #[test]
    fn age_counts() {
        check(&[("cache-control", "max-age=60"), ("age", "20")], Some(40));
        check(&[("cache-control", "max-age=60"), ("age", "99")], Some(0));
        check(&[("cache-control", "max-age=60"), ("age", "x")], Some(60));
        check(&[("age", "20")], None);
    }
}
