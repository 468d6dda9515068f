//! The program on the configurations for real deployments: each is good and nothing in it deserves a
//! second look.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "in a test a panic is the verdict"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy/deploy")
}

/// The documents of a file in which the filter's configuration stands alone, under a member of this
/// name.
fn configurations(file: &str, member: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(directory().join(file)).unwrap();
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
    let mut found = Vec::new();
    documents
        .iter()
        .for_each(|document| search(document, member, &mut found));
    found
}

fn search(value: &Value, member: &str, found: &mut Vec<Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(member).cloned());
            members
                .values()
                .for_each(|value| search(value, member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| search(item, member, found)),
        _ => {}
    }
}

/// Checks a file strictly and gives what becomes of a few requests.
#[track_caller]
fn check(file: &Path) {
    let requests = ["GET", "/api/x", "POST", "/api/x", "GET", "/elsewhere"];
    let output = Command::new(env!("CARGO_BIN_EXE_dockgate-filter-check"))
        .arg(file)
        .args(requests)
        .args(["--scope", "api:read", "--strict", "--json"])
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&[output.stdout.clone(), output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{}: {said}", file.display());
    let reports: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(reports.as_array().unwrap().len(), 1);
    let verdict = |at: usize| reports[0]["requests"][at]["with_token"].clone();
    assert_eq!(verdict(0), "passes");
    assert_eq!(verdict(1), "403 insufficient_scope");
    let unmatched = &reports[0]["requests"][2];
    assert_eq!(unmatched["without_token"], "403 unmatched", "{unmatched}");
}

#[test]
fn the_configuration_for_envoy_alone_needs_no_advice() {
    check(&directory().join("envoy.yaml"));
}

#[test]
fn those_for_istio_and_envoy_gateway_need_none_either() {
    for (file, member) in [
        ("istio.yaml", "pluginConfig"),
        ("envoy-gateway.yaml", "config"),
    ] {
        let found = configurations(file, member);
        assert_eq!(found.len(), 1, "{file}");
        let name = format!("dockgate-{}-{file}.json", std::process::id());
        let alone = std::env::temp_dir().join(name);
        std::fs::write(&alone, found[0].to_string()).unwrap();
        check(&alone);
        std::fs::remove_file(&alone).unwrap();
    }
}

#[test]
fn every_flag_in_the_documentation_exists() {
    let document = directory().join("../../docs/deploy.md");
    let document = std::fs::read_to_string(document).unwrap();
    let help = Command::new(env!("CARGO_BIN_EXE_dockgate-filter-check"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    // Whole words: a flag is not there because a longer one is.
    let known: Vec<&str> = help
        .split(|c: char| c.is_whitespace() || c == ',')
        .collect();
    assert!(known.contains(&"--strict") && !known.contains(&"--stric"));
    let lines = document.lines().map(str::trim);
    let commands: Vec<&str> = lines
        .filter(|line| line.starts_with("dockgate-filter-check "))
        .collect();
    assert!(!commands.is_empty());
    for command in commands {
        let mut flags = command.split(' ').filter(|word| word.starts_with("--"));
        assert!(flags.all(|flag| known.contains(&flag)), "{command}");
    }
}
