//! Clients from PyPI.

use std::path::PathBuf;
use std::process::Command;

use dockgate_stack::{demo_dir, repository};

use crate::client::{Client, open_demo};

/// Where `cargo xtask test clients` has installed them.
fn python() -> PathBuf {
    demo_dir().join("clients-venv/bin/python")
}

/// A package, and the script beside this file that uses it.
#[track_caller]
pub(crate) fn client(name: &'static str, script: &str) -> Client {
    let asked = format!("from importlib.metadata import version; print(version('{name}'))");
    let answer = Command::new(python()).args(["-c", &asked]).output();
    let answer = answer.unwrap_or_else(|error| {
        panic!(
            "{}: {error}: run `cargo xtask test clients`",
            python().display()
        )
    });
    let version = String::from_utf8(answer.stdout).unwrap().trim().to_owned();
    assert_ne!(
        version, "",
        "{name} is not installed: run `cargo xtask test clients`"
    );
    let mut command = Command::new(python());
    command
        // Nothing is left beside the scripts.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(repository().join("tests/clients/python").join(script));
    Client {
        name,
        registry: "PyPI",
        version,
        command,
    }
}

#[test]
fn authlib() {
    client("authlib", "authlib_client.py").run(&open_demo());
}

#[test]
fn requests_oauthlib() {
    client("requests-oauthlib", "requests_oauthlib_client.py").run(&open_demo());
}
