//! The search finds what it is for, and says where without saying what.

use super::*;

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn kept(secrets: &[(&str, &str)]) -> Vec<Secret> {
    let lines = secrets
        .iter()
        .map(|(kind, secret)| format!("{kind} {}\n", hex(secret)));
    super::secrets(&lines.collect::<String>()).unwrap()
}

#[test]
fn a_secret_is_found_in_every_spelling_at_its_line() {
    let signature = "s".repeat(43);
    let token = format!("eyJhbGciOiJub25lIn0.e30.{signature}");
    let secrets = kept(&[("password", "not so secret"), ("access_token", &token)]);
    let patterns = Patterns::of(&secrets);
    for (content, expected) in [
        (
            "one\nline: not so secret\n".to_owned(),
            Some((2, "password")),
        ),
        (
            "GET /?p=not%20so%20secret".to_owned(),
            Some((1, "password")),
        ),
        (format!("{token}\n"), Some((1, "access_token"))),
        (
            format!("\n\nsignature={signature}"),
            Some((3, "access_token")),
        ),
        ("eyJhbGciOiJub25lIn0.e30.".to_owned(), None),
        ("not so secre".to_owned(), None),
        (String::new(), None),
    ] {
        let found: Vec<_> = patterns.found(content.as_bytes()).into_iter().collect();
        assert_eq!(found, Vec::from_iter(expected), "{content}");
    }
}

#[test]
fn a_whole_run_without_a_kind_or_without_a_log_is_no_evidence() {
    let all: Vec<_> = KINDS.iter().map(|kind| (*kind, "0123456789")).collect();
    let files = ["a/issuer.log", "a/envoy.log", "a/metrics.txt", "a/sled/db"];
    let files: Vec<_> = files.iter().map(PathBuf::from).collect();
    check_extent(&kept(&all), &files).unwrap();
    assert!(check_extent(&kept(&all[1..]), &files).is_err());
    assert!(check_extent(&kept(&all), &files[1..]).is_err());
}

#[test]
fn lines_that_say_nothing_are_no_secrets() {
    for line in ["password", "password zz", "password 616", "password 6161"] {
        assert!(super::secrets(line).is_err(), "{line}");
    }
}
