//! Chromium, Firefox, what drives them, and what looks for barriers in pages.

use std::path::{Path, PathBuf};

use dockgate_stack::{BrowserPrograms, repository};

use super::{cargo_tool, debian, npm};
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program::ask;

/// Pinned, so that a new release cannot fail a build that nobody changed.
const GECKODRIVER: &str = "0.37.1";
/// The first minor version that has every option the tests use (0.36: `--allow-system-access`).
const OLDEST_GECKODRIVER: u32 = 36;

/// Finds everything or fetches it, and records where it is.
pub(crate) fn provide(context: &Context) -> Outcome {
    let (chromium, chromedriver) = chromium(context)?;
    let firefox = firefox(context)?;
    let geckodriver = geckodriver(context)?;
    let axe = npm::install(context, &repository().join("tests/browsers/axe-core"))?;
    let programs = BrowserPrograms {
        chromium,
        chromedriver,
        firefox,
        geckodriver,
        axe: axe.join("node_modules/axe-core/axe.min.js"),
    };
    Ok(programs.record()?)
}

/// Chromium or Chrome with the driver of its version: no other drives it.
fn chromium(context: &Context) -> Outcome<(PathBuf, PathBuf)> {
    let present = || {
        let driver = on_path("chromedriver")?;
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let browsers = names.iter().filter_map(|name| on_path(name));
        let version = major_version(&driver);
        let mut fitting = browsers.filter(|browser| major_version(browser) == version);
        version.and(fitting.next()).map(|browser| (browser, driver))
    };
    provided(context, present, &["chromium", "chromium-driver"]).ok_or_else(|| {
        Failure::new(
            "Chromium and a ChromeDriver of the same version are missing: install them with \
             `apt-get install chromium chromium-driver`, or put `google-chrome` and `chromedriver` \
             on the PATH",
        )
    })
}

fn firefox(context: &Context) -> Outcome<PathBuf> {
    let present = || {
        let browsers = ["firefox", "firefox-esr"].into_iter().filter_map(on_path);
        browsers
            .into_iter()
            .find(|path| major_version(path).is_some())
    };
    provided(context, present, &["firefox-esr"]).ok_or_else(|| {
        Failure::new(
            "Firefox is missing: install it with `apt-get install firefox-esr` or your system's \
             equivalent, so that `firefox` is on the PATH",
        )
    })
}

/// What is there, or is there after an installation.
fn provided<T>(context: &Context, present: impl Fn() -> Option<T>, packages: &[&str]) -> Option<T> {
    present().or_else(|| {
        if debian::can_install() {
            let installed = debian::install(context, packages);
            installed
                .inspect_err(|failure| context.say(&failure.to_string()))
                .ok()?;
        }
        present()
    })
}

/// The one on the PATH, or one that is built once below the target directory.
fn geckodriver(context: &Context) -> Outcome<PathBuf> {
    let own = cargo_tool::place("geckodriver");
    let candidates = on_path("geckodriver").into_iter().chain([own]);
    if let Some(present) = candidates
        .into_iter()
        .find(|path| is_recent_geckodriver(path))
    {
        return Ok(present);
    }
    cargo_tool::install(context, "geckodriver", GECKODRIVER)
}

fn is_recent_geckodriver(path: &Path) -> bool {
    let answer = ask(&path.to_string_lossy(), &["--version"]).unwrap_or_default();
    geckodriver_minor(&answer).is_some_and(|minor| minor >= OLDEST_GECKODRIVER)
}

/// It says `geckodriver 0.37.1 (…)`.
fn geckodriver_minor(answer: &str) -> Option<u32> {
    let version = answer.strip_prefix("geckodriver 0.")?;
    version.split('.').next()?.parse().ok()
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|program| program.is_file())
}

/// What a program says of its version, up to the first dot.
fn major_version(program: &Path) -> Option<u32> {
    major(&ask(&program.to_string_lossy(), &["--version"])?)
}

/// `Chromium 156.0.8078.79 built on …`, `Mozilla Firefox 153.7.0esr`.
fn major(answer: &str) -> Option<u32> {
    let mut words = answer.split_whitespace();
    words.find_map(|word| word.split_once('.')?.0.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_programs_write_them() {
        for (answer, version) in [
            ("Chromium 156.0.8078.79 built on Debian GNU/Linux 12", 156),
            (
                "ChromeDriver 156.0.8078.79 (a21ce95-refs/branch-heads/8078@{#1704})",
                156,
            ),
            ("Mozilla Firefox 153.7.0esr", 153),
            ("Google Chrome 157.0.1 ", 157),
        ] {
            assert_eq!(major(answer), Some(version), "{answer}");
        }
        assert_eq!(
            major("Command '/usr/bin/chromium-browser' requires the snap"),
            None
        );
        assert_eq!(
            geckodriver_minor("geckodriver 0.37.1\n\nThe source code"),
            Some(37)
        );
        assert_eq!(geckodriver_minor("geckodriver"), None);
    }
}
