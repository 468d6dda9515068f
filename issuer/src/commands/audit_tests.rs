//! What is asked for, and how it is shown.

use dockgate_issuer::store::StoredAudit;

use super::*;

#[test]
fn a_time_is_a_span_or_a_moment_in_utc() {
    for (text, expected) in [
        ("90s", When::Ago(90)),
        ("1h", When::Ago(3_600)),
        ("7d", When::Ago(604_800)),
        ("1h 30m", When::Ago(5_400)),
        ("2023-11-14T22:13:20Z", When::At(1_700_000_000)),
    ] {
        assert_eq!(when(text), Ok(expected), "{text}");
    }
    for text in [
        "",
        "yesterday",
        "1700000000",
        "-1h",
        "2023-11-14",
        "1960-01-01T00:00:00Z",
    ] {
        assert!(when(text).is_err(), "{text}");
    }
    assert_eq!(When::Ago(3_600).before(10_000), 6_400);
    assert_eq!(When::Ago(u64::MAX).before(10_000), 0);
}

#[test]
fn a_name_is_no_part_of_the_query() {
    let query = AuditQuery {
        since: Some(5),
        user: Some("a&limit=1 \u{e9}".to_owned()),
        ..AuditQuery::default()
    };
    assert_eq!(address(&query), "/audit?since=5&user=a%26limit%3D1+%C3%A9");
}

#[test]
fn an_entry_is_a_line_that_no_terminal_obeys() {
    let entry = AuditEntry {
        number: 1,
        stored: StoredAudit {
            at: 1_700_000_000,
            event: "login_failed".to_owned(),
            count: 3,
            request_id: Some("\u{1b}[2J".to_owned()),
            address: "192.0.2.1".parse().ok(),
            facts: [("subject".to_owned(), "abc".to_owned())].into(),
        },
    };
    assert_eq!(
        line(&entry),
        "2023-11-14T22:13:20Z  login_failed                  count=3  subject=abc  address=192.0.2.1  request_id=\\u{1b}[2J\n"
    );
}
