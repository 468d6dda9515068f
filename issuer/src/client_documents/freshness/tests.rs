use super::*;

fn headers(written: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in written {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, value.parse().unwrap());
    }
    headers
}

fn seconds(written: &[(&str, &str)]) -> u64 {
    freshness(&headers(written)).seconds
}

#[test]
fn what_http_says_counts_within_bounds() {
    for (cache_control, expected) in [
        ("max-age=600", 600),
        ("public, Max-Age=600", 600),
        ("max-age=\"600\"", 600),
        ("max-age=600, max-age=700", 600),
        ("max-age=700,max-age=600", 600),
        ("max-age=5", LEAST_SECONDS),
        ("max-age=99999999", MOST_SECONDS),
        ("max-age=99999999999999999999999", MOST_SECONDS),
        ("max-age=x", LEAST_SECONDS),
        ("max-age=-600", LEAST_SECONDS),
        ("max-age=", LEAST_SECONDS),
        ("max-age=600, no-store", LEAST_SECONDS),
        ("no-cache", LEAST_SECONDS),
        ("no-cache=\"set-cookie\", max-age=600", LEAST_SECONDS),
        ("private", DEFAULT_SECONDS),
        ("max-age=600, s-maxage=5", 600),
        ("immutable", DEFAULT_SECONDS),
    ] {
        let seconds = seconds(&[("cache-control", cache_control)]);
        assert_eq!(seconds, expected, "{cache_control}");
    }
    assert_eq!(seconds(&[]), DEFAULT_SECONDS);
    let twice = [
        ("cache-control", "max-age=600"),
        ("cache-control", "no-store"),
    ];
    assert_eq!(seconds(&twice), LEAST_SECONDS);
    let aged = [("cache-control", "max-age=600"), ("age", "100")];
    assert_eq!(seconds(&aged), 500);
    let old = [
        ("cache-control", "max-age=600"),
        ("age", "99999999999999999999"),
    ];
    assert_eq!(seconds(&old), LEAST_SECONDS);
    assert_eq!(seconds(&[("vary", "accept, *")]), LEAST_SECONDS);
    assert_eq!(seconds(&[("vary", "accept-encoding")]), DEFAULT_SECONDS);
}

#[test]
fn a_date_of_expiry_counts_where_there_is_no_age() {
    let now = ("date", "Sun, 06 Nov 1994 08:00:00 GMT");
    let expires = ("expires", "Sun, 06 Nov 1994 08:10:00 GMT");
    assert_eq!(seconds(&[now, expires]), 600);
    let both = [now, expires, ("cache-control", "max-age=300")];
    assert_eq!(seconds(&both), 300);
    for past in ["0", "Sun, 06 Nov 1994 07:00:00 GMT", "tomorrow"] {
        assert_eq!(seconds(&[now, ("expires", past)]), LEAST_SECONDS, "{past}");
    }
    assert_eq!(
        seconds(&[expires]),
        LEAST_SECONDS,
        "after when, nobody says"
    );
}

#[test]
fn what_is_not_to_be_used_when_it_is_stale_is_not() {
    for (cache_control, expected) in [
        ("max-age=600", true),
        ("private", true),
        ("max-age=600, must-revalidate", false),
        ("no-cache", false),
        ("no-store", false),
    ] {
        let headers = headers(&[("cache-control", cache_control)]);
        assert_eq!(
            freshness(&headers).may_be_stale,
            expected,
            "{cache_control}"
        );
    }
}
