//! Which packages are in a program, as cargo tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use dockgate_stack::repository;
use serde::Deserialize;

use crate::cargo::cargo;
use crate::failure::{Failure, Outcome};

/// A package of some version.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Package {
    id: String,
    pub(super) name: String,
    pub(super) version: String,
    /// SPDX; of old packages with a slash for `OR`.
    license: Option<String>,
    pub(super) license_file: Option<PathBuf>,
    pub(super) repository: Option<String>,
    /// Absent for our own.
    source: Option<String>,
    manifest_path: PathBuf,
}

impl Package {
    /// The licence as SPDX writes it.
    pub(super) fn licence(&self) -> Option<String> {
        let licence = self.license.as_ref()?;
        Some(
            match licence.contains(" OR ") || licence.contains(" AND ") {
                true => licence.clone(),
                false => licence.replace('/', " OR "),
            },
        )
    }

    /// Whether it is somebody else's.
    pub(super) fn is_foreign(&self) -> bool {
        self.source.is_some()
    }

    /// Where its sources are.
    pub(super) fn directory(&self) -> PathBuf {
        self.manifest_path
            .parent()
            .unwrap_or(&self.manifest_path)
            .to_path_buf()
    }
}

/// A name and a version, which are one package here: no two come from different sources.
pub(super) type Key = (String, String);

/// The packages that are linked into some programs.
#[derive(Clone, Debug)]
pub(super) struct Packages {
    /// What the programs are made from.
    pub(super) roots: Vec<Key>,
    pub(super) all: BTreeMap<Key, Package>,
    /// Which of them each asks for.
    pub(super) dependencies: BTreeMap<Key, BTreeSet<Key>>,
    /// SHA-256 of the package as it was downloaded, from `Cargo.lock`.
    pub(super) checksums: BTreeMap<Key, String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct LockFile {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

impl Packages {
    /// Of the programs of these packages for a target: `cargo tree` knows what is linked, with the
    /// features that are on, and `cargo metadata` the rest.
    pub(super) fn of(roots: &[&str], target: &str) -> Outcome<Self> {
        let mut linked = BTreeSet::new();
        for root in roots {
            linked.extend(linked_into(root, target)?);
        }
        let Metadata { packages, resolve } = metadata(target)?;
        let all: BTreeMap<Key, Package> = packages
            .into_iter()
            .map(|package| ((package.name.clone(), package.version.clone()), package))
            .filter(|(key, _)| linked.contains(key))
            .collect();
        if let Some((name, version)) = linked.iter().find(|key| !all.contains_key(*key)) {
            return Err(Failure::new(format!(
                "cargo metadata does not know {name} {version}"
            )));
        }
        let keys: BTreeMap<&str, &Key> = all
            .iter()
            .map(|(key, package)| (package.id.as_str(), key))
            .collect();
        let key = |id: &String| keys.get(id.as_str()).map(|key| (*key).clone());
        let dependencies = resolve.nodes.iter().filter_map(|node| {
            Some((
                key(&node.id)?,
                node.dependencies.iter().filter_map(key).collect(),
            ))
        });
        Ok(Self {
            roots: all
                .keys()
                .filter(|(name, _)| roots.contains(&name.as_str()))
                .cloned()
                .collect(),
            dependencies: dependencies.collect(),
            checksums: checksums()?,
            all,
        })
    }

    /// These and those.
    pub(super) fn with(&self, others: &Self) -> Self {
        let mut both = self.clone();
        both.roots.extend(others.roots.iter().cloned());
        both.all.extend(others.all.clone());
        both.dependencies.extend(others.dependencies.clone());
        both
    }
}

/// Macros run at build time and are not in the program.
fn linked_into(root: &str, target: &str) -> Outcome<BTreeSet<Key>> {
    let mut command = cargo("tree");
    command.args(["--locked", "--package", root, "--target", target]);
    command.args(["--edges", "normal,no-proc-macro", "--prefix", "none"]);
    command.args(["--format", "{p}"]);
    let answer = output(command)?;
    let keys = answer.lines().filter_map(|line| {
        let (name, rest) = line.split_once(" v")?;
        let version = rest.split(' ').next()?;
        Some((name.to_owned(), version.to_owned()))
    });
    Ok(keys.collect())
}

fn metadata(target: &str) -> Outcome<Metadata> {
    let mut command = cargo("metadata");
    command.args([
        "--locked",
        "--format-version",
        "1",
        "--filter-platform",
        target,
    ]);
    let answer = output(command)?;
    serde_json::from_str(&answer).map_err(|error| Failure::new(format!("cargo metadata: {error}")))
}

fn output(mut command: Command) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure::new(format!("{command:?} failed: {errors}")))
}

fn checksums() -> Outcome<BTreeMap<Key, String>> {
    let path = repository().join("Cargo.lock");
    let lock: LockFile = toml::from_str(&std::fs::read_to_string(&path)?)
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    let with_sum = |locked: Locked| Some(((locked.name, locked.version), locked.checksum?));
    Ok(lock.package.into_iter().filter_map(with_sum).collect())
}
