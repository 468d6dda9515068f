//! Parameters that are missing, empty, repeated, oversized, misplaced, or not text.

use super::good::encode;
use super::*;

/// What is appended to a good value, as it stands in the body.
const ENDS: [&[u8]; 9] = [
    b"%00",
    b"%0D%0Ax:%20y",
    b"%0A",
    b"%22%5C%3Cscript%3Ezyxwv-canary",
    b"%zz",
    b"%",
    b"%C0%80",
    b"%FF",
    b"\xFF\xFE",
];

/// Those of them that are not UTF-8.
fn is_text(end: &[u8]) -> bool {
    !matches!(end, b"%C0%80" | b"%FF" | b"\xFF\xFE")
}

/// Long values, in bytes; the largest body has 64 KiB.
const SIZES: [usize; 2] = [1024, 60 * 1024];

fn each(check: impl Fn(&Storm, &Good, &Parameter)) {
    let storm = Storm::new();
    for good in good::all(&storm) {
        for parameter in &good.parameters {
            check(&storm, &good, parameter);
        }
    }
    storm.still_works();
}

#[test]
fn what_is_needed_is_not_missed_in_silence() {
    each(|storm, good, parameter| {
        if matches!(parameter.kind, Kind::Needed | Kind::Token) {
            for value in [None, Some(&b""[..])] {
                let what = format!("{}: {} as {value:?}", good.what, parameter.name);
                let body = good.body_with(parameter.name, value);
                storm.refuses(&what, good.with_body(body));
            }
        }
    });
}

#[test]
fn a_repeated_parameter_is_refused_even_where_it_says_the_same() {
    each(|storm, good, parameter| {
        let name = parameter.name;
        if matches!(name, "resource" | "audience") {
            return;
        }
        for value in [encode(&parameter.value), String::new()] {
            let mut body = good.body();
            body.extend_from_slice(format!("&{name}={value}").as_bytes());
            let what = format!("{}: {name} again as {value:?}", good.what);
            let json = storm.refuses(&what, good.with_body(body));
            assert_eq!(json["error"], "invalid_request", "{what}");
        }
    });
}

#[test]
fn a_parameter_in_the_url_is_refused() {
    each(|storm, good, parameter| {
        let query = format!("{}={}", parameter.name, encode(&parameter.value));
        let target = format!("{}?{query}", good.path);
        for body in [good.body(), good.body_with(parameter.name, None)] {
            let what = format!("{}: {} in the URL", good.what, parameter.name);
            storm.refuses(&what, good.headed(&target, &[FORM], body));
        }
    });
    let storm = Storm::new();
    for good in good::all(&storm) {
        let query = String::from_utf8(good.body()).unwrap();
        let target = format!("{}?{query}", good.path);
        storm.refuses(good.what, good.headed(&target, &[FORM], vec![]));
    }
}

#[test]
fn values_that_are_not_what_they_should_be_are_refused() {
    each(|storm, good, parameter| {
        let encoded = encode(&parameter.value);
        let spoiled = ENDS.iter().map(|end| [encoded.as_bytes(), end].concat());
        let long = SIZES.iter().map(|size| b"A".repeat(*size));
        let values = spoiled
            .zip(ENDS.map(is_text))
            .chain(long.map(|value| (value, true)));
        for (value, is_text) in values {
            let shown: String = String::from_utf8_lossy(&value).chars().take(200).collect();
            let what = format!("{}: {}={shown}", good.what, parameter.name);
            let request = good.with_body(good.body_with(parameter.name, Some(&value)));
            match parameter.kind {
                Kind::Free if is_text => {}
                Kind::Token if is_text => {
                    let answer = storm.without_a_trace(&what, request);
                    let expected = if good.path == "/revoke" {
                        ""
                    } else {
                        r#"{"active":false}"#
                    };
                    assert_eq!(
                        (answer.response.status.as_u16(), answer.text().as_str()),
                        (200, expected),
                        "{what}"
                    );
                }
                _ => drop(storm.refuses(&what, request)),
            }
        }
    });
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let storm = Storm::new();
    for good in good::all(&storm) {
        let mut body = good.body();
        body.extend_from_slice(b"&unknown=");
        body.resize(64 * 1024 + 1, b'A');
        let answer = storm.without_a_trace(good.what, good.with_body(body.clone()));
        assert_eq!(answer.response.status, 413, "{}", good.what);
        // A name, too.
        body.resize(64 * 1024, b'A');
        let name = body
            .iter()
            .map(|byte| if *byte == b'=' { b'-' } else { *byte });
        storm.refuses(good.what, good.with_body(name.collect::<Vec<_>>()));
        let many = [good.body(), b"&a".repeat(64)].concat();
        storm.refuses(good.what, good.with_body(many));
        let many: String = (0..65)
            .map(|number| format!("&unknown{number}=x"))
            .collect();
        storm.refuses(
            good.what,
            good.with_body([good.body(), many.into()].concat()),
        );
    }
    storm.still_works();
}
