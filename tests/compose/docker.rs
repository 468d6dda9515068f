//! The commands `docker` and Compose, by the engine that the set-up named.

use std::process::{Command, Output, Stdio};

/// The words that Compose's command begins with.
///
/// # Panics
/// Without the set-up.
#[expect(
    clippy::disallowed_methods,
    reason = "the set-up is another process, and the engine ends with it"
)]
pub(crate) fn compose_words() -> Vec<String> {
    let words = std::env::var("DOCKGATE_TEST_COMPOSE")
        .expect("Docker is provided by the set-up: run `cargo xtask test compose`");
    words.split_whitespace().map(str::to_owned).collect()
}

/// What `docker ARGUMENTS` writes to standard output.
///
/// # Panics
/// When it fails.
#[track_caller]
pub(crate) fn docker(arguments: &[&str]) -> String {
    let output = attempt(arguments);
    assert!(
        output.status.success(),
        "docker {}: {}",
        arguments.join(" "),
        written(&output)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// `docker ARGUMENTS`, which may fail.
pub(crate) fn attempt(arguments: &[&str]) -> Output {
    let mut command = Command::new("docker");
    command.args(arguments).stdin(Stdio::null());
    command.output().expect("docker can be started")
}

/// Both outputs of a command.
pub(crate) fn written(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// The paths of all files in an image, without those that Docker puts into each container.
pub(crate) fn files_of_image(image: &str) -> Vec<String> {
    // Some images have no command; nothing is started.
    let container = docker(&["create", image, "nothing"]);
    let mut export = Command::new("docker")
        .args(["export", &container])
        .stdout(Stdio::piped())
        .spawn()
        .expect("docker can be started");
    let archive = export.stdout.take().expect("a pipe");
    let list = Command::new("tar")
        .args(["--list"])
        .stdin(archive)
        .output()
        .expect("tar can be started");
    let exported = export.wait().expect("an end");
    docker(&["rm", "--volumes", &container]);
    assert!(exported.success() && list.status.success(), "{list:?}");
    let of_docker = |path: &str| {
        [".dockerenv", "dev/", "etc/", "proc/", "sys/"]
            .iter()
            .any(|start| path.starts_with(start))
    };
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    list.lines()
        .filter(|path| !path.ends_with('/') && !of_docker(path))
        .map(str::to_owned)
        .collect()
}
