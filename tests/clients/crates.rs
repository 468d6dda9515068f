//! Clients that are crates, each in a program of `crates/`.

use std::process::Command;

use dockgate_stack::{repository, target_dir};

use crate::client::{Client, open_demo};

/// A crate, and the program of its name.
#[track_caller]
pub(crate) fn client(name: &'static str) -> Client {
    let program = target_dir().join("debug").join(name);
    assert!(
        program.is_file(),
        "{} is not there: run `cargo xtask test clients`",
        program.display()
    );
    Client {
        name,
        registry: "crates.io",
        version: locked(name),
        command: Command::new(program),
    }
}

/// The version in the lock file.
#[track_caller]
fn locked(name: &str) -> String {
    let lock = std::fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    let entry = format!("name = \"{name}\"\nversion = \"");
    let (_, after) = lock.split_once(&entry).expect("it is locked");
    after.split('"').next().unwrap_or_default().to_owned()
}

#[test]
fn oauth2() {
    client("oauth2").run(&open_demo());
}

#[test]
fn openidconnect() {
    client("openidconnect").run(&open_demo());
}
