//! A wrong configuration stops the program before it serves, and says where and what to write.

use std::path::PathBuf;
use std::process::Command;

use dockgate_stack::{Artifacts, repository};

/// EX_USAGE of sysexits.h.
const USAGE: i32 = 64;

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let dir = dockgate_stack::target_dir()
            .join("dockgate/tests")
            .join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs `check` and `serve` on the demo's configuration with one change; both must refuse it.
#[track_caller]
fn check(name: &str, edit: impl Fn(&str) -> String, expected: &[&str]) {
    let artifacts = Artifacts::locate().unwrap();
    let scratch = Scratch::new(name);
    let committed = std::fs::read_to_string(repository().join("envoy/issuer.toml")).unwrap();
    let config = edit(&committed);
    assert_ne!(config, committed, "{name}: the edit changes something");
    let file = scratch.0.join("issuer.toml");
    std::fs::write(&file, &config).unwrap();
    for command in ["check", "serve"] {
        let output = Command::new(&artifacts.issuer)
            .args([command, "--config"])
            .arg(&file)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(USAGE),
            "{name}: {command}: {errors}"
        );
        for text in expected {
            assert!(
                errors.contains(text),
                "{name}: {command} should say {text:?}, says: {errors}"
            );
        }
        assert!(
            errors.contains("issuer.toml:"),
            "{name}: {command} names file and line: {errors}"
        );
    }
    assert!(
        !scratch.0.join("data").exists(),
        "{name}: the store was not touched"
    );
}

fn line_of(config: &str, text: &str) -> String {
    let index = config
        .lines()
        .position(|line| line.contains(text))
        .expect("the text is there");
    format!("issuer.toml:{}", index + 1)
}

#[test]
fn the_demos_own_configuration_is_good() {
    let artifacts = Artifacts::locate().unwrap();
    let file = repository().join("envoy/issuer.toml");
    let output = Command::new(&artifacts.issuer)
        .args(["check", "--config"])
        .arg(file)
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn an_unknown_key() {
    let edit = |config: &str| config.replace("[listen]\n", "[listen]\nprot = 1\n");
    let line = line_of(&edit(&committed()), "prot = 1");
    check("unknown-key", edit, &["prot", &line]);
}

#[test]
fn a_wrong_type() {
    let edit = |config: &str| config.replace("issuer = \"http://localhost:8080\"", "issuer = 8080");
    check(
        "wrong-type",
        edit,
        &[&line_of(&edit(&committed()), "issuer = 8080"), "string"],
    );
}

#[test]
fn a_duplicate_client() {
    let edit = |config: &str| config.replace("client_id = \"tv\"", "client_id = \"service\"");
    check("duplicate-client", edit, &["service"]);
}

#[test]
fn an_http_issuer_that_is_not_loopback() {
    let edit = |config: &str| config.replace("http://localhost:8080", "http://api.example");
    check("http-issuer", edit, &["https"]);
}

#[test]
fn demo_and_plain_secrets_with_an_issuer_that_is_not_loopback() {
    let edit = |config: &str| config.replace("http://localhost:8080", "https://api.example");
    check(
        "plain-secrets",
        edit,
        &["secret_sha256", "web", "service", "gateway"],
    );
}

#[test]
fn a_demo_secret_is_known_by_its_hash_too() {
    // SHA-256 of `service-secret`.
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"service-secret");
    let hex: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let edit = |config: &str| {
        config
            .replace("http://localhost:8080", "https://api.example")
            .replace(
                "secret = \"service-secret\"",
                &format!("secret_sha256 = \"{hex}\""),
            )
    };
    let line = line_of(&edit(&committed()), &hex);
    check("demo-hash", edit, &[&line]);
}

fn committed() -> String {
    std::fs::read_to_string(repository().join("envoy/issuer.toml")).unwrap()
}

/// Envoy must not start with a filter that does not know what to do.
#[test]
fn a_bad_filter_configuration_stops_envoy_and_names_the_field() {
    let artifacts = Artifacts::locate().unwrap();
    let scratch = Scratch::new("filter-config");
    let committed = std::fs::read_to_string(repository().join("envoy/envoy.yaml")).unwrap();
    let committed = committed
        .replace(
            "/etc/dockgate/dockgate_filter.wasm",
            artifacts.filter.to_str().unwrap(),
        )
        .replace("address: issuer,", "address: 127.0.0.1,")
        .replace("address: api,", "address: 127.0.0.1,");
    let validate = |config: &str| {
        let file = scratch.0.join("envoy.yaml");
        std::fs::write(&file, config).unwrap();
        let output = Command::new(&artifacts.envoy)
            .args(["--mode", "validate", "-c"])
            .arg(&file)
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        )
    };
    let (good, log) = validate(&committed);
    assert!(good, "{log}");
    for (from, to, expected) in [
        (
            "audiences: [api-gateway]",
            "audience: [api-gateway]",
            "issuers[0].audience: unknown field",
        ),
        (
            "audiences: [api-gateway]",
            "audiences: api-gateway",
            "issuers[0].audiences: invalid type",
        ),
        (
            "- issuer: http://localhost:8080",
            "- issuer: http://api.example",
            "issuers[0].issuer: an http issuer must be loopback",
        ),
        (
            "require: public",
            "require: nothing",
            "rules[17].require: unknown variant",
        ),
        (
            "path: /token, require",
            "prefix: /token, require",
            "rules[4].prefix: a passthrough rule",
        ),
        (
            "refresh_seconds: 300",
            "refresh_seconds: 0",
            "issuers[0].jwks.refresh_seconds: 0 is out of range",
        ),
    ] {
        assert_eq!(committed.matches(from).count(), 1, "{from}");
        let (good, log) = validate(&committed.replace(from, to));
        assert!(!good, "{to}");
        assert!(
            log.contains(expected),
            "{to}: expected {expected:?} in {log}"
        );
    }
}
