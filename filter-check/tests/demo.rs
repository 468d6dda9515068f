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

/// A file that is gone when the test is over, also when it fails.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> io::Result<Self> {
        let name = format!("dockgate-filter-check-{}-{name}", std::process::id());
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, text)?;
        Ok(Self(file))
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_rule_that_only_reports_refuses_nobody() {
    let config = r#"{"issuers": [{"issuer": "https://a", "audiences": ["a"],
        "jwks": {"cluster": "c", "uri": "https://a/k"}}],
        "rules": [{"prefix": "/x", "require": {"all_scopes": ["w"]}, "enforcement": "report"}]}"#;
    let file = Scratch::new("report.yaml", config).unwrap();
    let output = check(&[file.path(), "GET", "/x", "--scope", "r"]).unwrap();
    let said = stdout(&output);
    assert!(said.contains("without a token: passes"), "{said}");
    assert!(said.contains("with the token: passes"), "{said}");
    assert!(
        said.contains("rules[0].enforcement: only reports"),
        "{said}"
    );
    assert!(said.contains("open: unmatched: "), "{said}");
}

const HEAD: &str =
    "issuers:\n- { issuer: https://a, audiences: [a], jwks: { cluster: c, uri: https://a/k } }\n";

#[test]
fn what_envoy_makes_of_a_scalar_is_what_counts() {
    let told = |text: &str| format!("advice: debug_header: Envoy reads {text} as ");
    for text in ["yes", "on", "Y"] {
        let file = Scratch::new(text, &format!("{HEAD}debug_header: {text}\n")).unwrap();
        let said = stdout(&check(&[file.path()]).unwrap());
        assert!(said.contains(&told(text)), "{said}");
        assert!(
            said.contains("debug_header: refused clients are told"),
            "{said}"
        );
    }
    for (line, problem, hint) in [
        (
            "max_token_bytes: 300.0",
            "max_token_bytes: invalid type: string",
            "max_token_bytes: Envoy reads 300.0 as text",
        ),
        (
            "rules: [{ prefix: /, require: { any_scope: [on] } }]",
            "rules[0].require",
            "rules[0].require.any_scope[0]: Envoy reads on as true",
        ),
    ] {
        let file = Scratch::new("bad.yaml", &format!("{HEAD}{line}\n")).unwrap();
        let output = check(&[file.path()]).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{said}");
        assert!(said.contains(problem) && said.contains(hint), "{said}");
    }
}

#[test]
fn json_is_read_as_envoy_and_the_filter_read_it() {
    let with = |more: &str| {
        format!(
            r#"{{"issuers": [{{"issuer": "https://a", "audiences": ["a"],
            "jwks": {{"cluster": "c", "uri": "https://a/k"}}}}]{more}}}"#
        )
    };
    let plugin = |configuration: &str| {
        format!(
            r#"{{"vm_config": {{"vm_id": "dockgate"}}, "failure_policy": "FAIL_RELOAD",
            "configuration": {{"value": {configuration}}}}}"#
        )
    };
    let in_envoy = |configuration: &str| format!(r#"{{"config": {}}}"#, plugin(configuration));
    let twice = with(r#", "rules": [], "rules": []"#);
    // As a struct it is the number; alone it is text for the filter, where it is no whole one.
    let whole = with(r#", "max_token_bytes": 300.0"#);
    for (text, problem) in [
        (with(""), None),
        (in_envoy(&with("")), None),
        (in_envoy(&whole), None),
        (plugin(&whole), None),
        (whole, Some("configuration: max_token_bytes: ")),
        (in_envoy(&twice), Some("\"rules\" is there twice")),
        (twice, Some("\"rules\" is there twice")),
        (with(r#", "rule": []"#), Some("configuration: rule: ")),
    ] {
        let file = Scratch::new("config.json", &text).unwrap();
        let output = check(&[file.path()]).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), problem.is_none(), "{text}: {said}");
        assert!(said.contains(problem.unwrap_or("")), "{text}: {said}");
    }
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
