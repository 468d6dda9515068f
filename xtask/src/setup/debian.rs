//! Debian packages, for what cannot be had in the ordinary way.

use std::process::Command;
use std::time::Duration;

use crate::context::Context;
use crate::failure::Outcome;
use crate::program::{ask, logged};

/// A slow mirror, and an `apt-get` of the system's own that holds the lock meanwhile.
const LIMIT: Duration = Duration::from_secs(600);

/// Whether packages can be installed without asking anybody for a password.
pub(crate) fn can_install() -> bool {
    ask("apt-get", &["--version"]).is_some()
        && (is_root() || ask("sudo", &["-n", "true"]).is_some())
}

/// Fetches the lists of packages.
pub(crate) fn update(context: &Context) -> Outcome {
    logged("apt-get update", apt_get(&["update"]))
        .within(LIMIT)
        .run(context)
        .map(drop)
}

/// Installs packages, written `name` or `name=version`; fetches the lists of packages first when
/// those on the machine are too old.
pub(crate) fn install(context: &Context, packages: &[&str]) -> Outcome {
    context.say(&format!(
        "installing Debian packages: {}",
        packages.join(" ")
    ));
    let attempt = || {
        let mut command = apt_get(&["install", "-y", "--no-install-recommends"]);
        command.args(packages);
        logged("apt-get install", command)
            .within(LIMIT)
            .run(context)
            .map(drop)
    };
    attempt().or_else(|_| update(context).and_then(|()| attempt()))
}

/// The versions that could be installed, newest first.
pub(crate) fn versions(package: &str) -> Vec<String> {
    let table = ask("apt-cache", &["madison", package]).unwrap_or_default();
    table
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .map(|v| v.trim().to_owned())
        .collect()
}

/// The names of the packages that match a regular expression.
pub(crate) fn named(pattern: &str) -> Vec<String> {
    let found = ask("apt-cache", &["search", "--names-only", pattern]).unwrap_or_default();
    found
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// The installed version, if it is installed.
pub(crate) fn installed_version(package: &str) -> Option<String> {
    let answer = ask(
        "dpkg-query",
        &["-W", "-f", "${db:Status-Status} ${Version}", package],
    )?;
    answer
        .strip_prefix("installed ")
        .map(|version| version.trim().to_owned())
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = if is_root() {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    };
    command
        .args(["-o", "DPkg::Lock::Timeout=120"])
        .args(arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
