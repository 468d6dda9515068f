//! The program on the configuration that users copy.

use std::io;
use std::process::{Command, Output};

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../envoy/envoy.yaml");

fn check(arguments: &[&str]) -> io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_dockgate-filter-check"))
        .args(arguments)
        .output()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn requests_are_explained_by_the_rule_that_decides() {
    let requests = ["GET", "/api/protected/data", "POST", "/api/protected/data"];
    let output =
        check(&[&[DEMO], &requests[..], &["--scope", "api:read", "--json"]].concat()).unwrap();
    assert!(output.status.success());
    let reports: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let requests = reports[0]["requests"].as_array().unwrap();
    for (request, with_token) in requests.iter().zip(["passes", "403 insufficient_scope"]) {
        assert_eq!(request["without_token"], "401 no_credentials");
        assert_eq!(request["with_token"], with_token);
        let rule = usize::try_from(request["rule"].as_u64().unwrap()).unwrap();
        let words = reports[0]["rules"][rule].as_str().unwrap();
        assert!(words.contains("prefix /api/protected"), "{words}");
    }
}

#[test]
fn advice_fails_a_strict_check() {
    assert_eq!(check(&[DEMO]).unwrap().status.code(), Some(0));
    let strict = check(&[DEMO, "--strict"]).unwrap();
    assert_eq!(strict.status.code(), Some(64));
    assert!(stdout(&strict).contains("advice: issuers[0].issuer"));
}

#[test]
fn a_rule_that_only_reports_refuses_nobody() {
    let dir = std::env::temp_dir().join(format!("dockgate-filter-check-{}", std::process::id()));
    let config = r#"{"issuers": [{"issuer": "https://a", "audiences": ["a"],
        "jwks": {"cluster": "c", "uri": "https://a/k"}}],
        "rules": [{"prefix": "/x", "require": {"all_scopes": ["w"]}, "enforcement": "report"}]}"#;
    std::fs::write(&dir, config).unwrap();
    let file = dir.to_str().unwrap();
    let output = check(&[file, "GET", "/x", "--scope", "r"]).unwrap();
    std::fs::remove_file(&dir).unwrap();
    let said = stdout(&output);
    assert!(said.contains("without a token: passes"), "{said}");
    assert!(said.contains("with the token: passes"), "{said}");
    assert!(
        said.contains("rules[0].enforcement: only reports"),
        "{said}"
    );
}

#[test]
fn what_is_no_configuration_is_refused_with_the_reason() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (arguments, reason) in [
        (&[manifest][..], "line 2"),
        (&["/nonexistent"], "No such file"),
        (&[DEMO, "GET"], "a method and a path"),
        (&[DEMO, "--scope", "a\"b"], "--scope"),
    ] {
        let output = check(arguments).unwrap();
        let said = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(output.status.code(), Some(64), "{said}");
        assert!(said.contains(reason), "{said}");
    }
}
