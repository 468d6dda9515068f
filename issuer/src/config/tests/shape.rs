//! What a file must not look like, and how that is said.

use super::*;

#[test]
fn what_the_format_does_not_have_is_refused_with_its_line() {
    refused(
        "level = \"info\"",
        "lvel = \"info\"",
        &["unknown key `lvel`. Did you mean `level`? The keys here are `format` and `level`."],
    );
    refused(
        "[keys]",
        "[kyes]",
        &["unknown key `kyes`. Did you mean `keys`?"],
    );
    refused(
        "grants = [\"client_credentials\"]",
        "grant = []",
        &["unknown key `grant`. Did you mean `grants`?"],
    );
    refused(
        "access_token_seconds = 600",
        "access_token_seconds = \"600\"",
        &["access_token_seconds cannot be string \"600\". Write a whole number."],
    );
    refused(
        "access_token_seconds = 600",
        "access_token_seconds = -1",
        &["access_token_seconds cannot be integer `-1`. Write a whole number."],
    );
    refused(
        "grants = [\"client_credentials\"]",
        "grants = [5]",
        &["grants cannot be integer `5`. Write a string, in quotes."],
    );
    refused(
        "[keys]",
        "[zz]",
        &["unknown key `zz`. Remove it, or use one of `issuer`, `listen`"],
    );
    refused(
        "format = \"text\"",
        "format = \"xml\"",
        &["format cannot be \"xml\". Write \"text\" or \"json\"."],
    );
    refused(
        "signing_algorithm = \"RS256\"",
        "signing_algorithm = \"HS256\"",
        &["signing_algorithm cannot be", "\"RS256\""],
    );
    refused(
        "signing_algorithm = \"RS256\"",
        "signing_algorithm = \"none\"",
        &["signing_algorithm cannot be", "\"RS256\""],
    );
    refused("[log]", "[listen]\n[log]", &["duplicate key"]);
    refused("[log]", "log]", &["Correct the TOML"]);
}

#[test]
fn mistakes_of_shape_are_all_reported_without_what_follows_from_them() {
    let text = changed("level = \"info\"", "lvel = \"info\"")
        .replacen(
            "access_token_seconds = 600",
            "access_token_seconds = true",
            1,
        )
        .replacen("client_id = \"service\"", "", 1)
        .replacen("grants = [\"client_credentials\"]", "grants = \"all\"", 1)
        .replacen("username = \"bob\"", "username = \"alice\"", 1);
    let error = parse_text(&text, &[]).unwrap_err();
    let about = [
        "`lvel`",
        "cannot be boolean `true`",
        "`client_id` is missing",
        "grants cannot be string \"all\". Write a list, in brackets.",
    ];
    assert_eq!(error.lines().len(), 4, "{error}");
    for (line, about) in error.lines().iter().zip(about) {
        assert!(line.contains(about), "{about}: {error}");
    }
}

#[test]
fn a_mistake_is_the_same_for_programs() {
    let text = changed("access_token_seconds = 600", "access_token_seconds = 6");
    let error = parse_text(&text, &[("DOCKGATE_LOG_LEVEL", "loud")]).unwrap_err();
    let mistakes = serde_json::to_value(error.mistakes()).unwrap();
    let line = 1 + DEMO
        .split_once("access_token_seconds")
        .unwrap()
        .0
        .matches('\n')
        .count();
    assert_eq!(
        mistakes,
        serde_json::json!([
            {
                "file": "etc/issuer.toml",
                "line": line,
                "column": 24,
                "wrong": "access_token_seconds is 6",
                "instead": "Write a number from 30 to 86400; the default is 600",
            },
            {
                "variable": "DOCKGATE_LOG_LEVEL",
                "wrong": "\"loud\" is not error, warn, info, debug or trace",
                "instead": "Write error, warn, info, debug or trace",
            },
        ])
    );
    let back: Vec<Mistake> = serde_json::from_value(mistakes).unwrap();
    assert_eq!(back, error.mistakes());
}

#[test]
fn what_no_start_could_use_is_refused_before_it() {
    refused(
        "ops = \"127.0.0.1:9002\"",
        "ops = \"127.0.0.1:9000\"",
        &["listen.ops is the address of listen.http"],
    );
    let directory = crate::temp_dir::TempDir::new();
    let (path, store) = (
        directory.path().join("issuer.toml"),
        directory.path().join("data"),
    );
    std::fs::write(store, "").unwrap();
    let error = parse(&path, DEMO, []).unwrap_err().to_string();
    assert!(error.contains("data is no directory"), "{error}");
}
