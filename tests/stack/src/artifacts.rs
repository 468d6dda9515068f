//! Where the built things are. `cargo xtask` puts them there; the tests only look them up.

use std::fmt;
use std::path::{Path, PathBuf};

/// Everything that the stack runs.
#[derive(Clone, Debug)]
pub struct Artifacts {
    /// The Proxy-Wasm module.
    pub filter: PathBuf,
    /// The Envoy binary, of the version in `.envoy-version`.
    pub envoy: PathBuf,
    /// `dockgate-issuer`.
    pub issuer: PathBuf,
    /// `sample-api`.
    pub sample_api: PathBuf,
    /// The Envoy configuration as it is committed.
    pub envoy_config: PathBuf,
    /// The demo issuer's configuration as it is committed.
    pub issuer_config: PathBuf,
}

/// How the issuer and the sample API that are run were built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Build {
    /// Cargo's `dev` profile: assertions and overflow are checked, and most of it is built for the
    /// unit tests anyway. What the tests run, but for those of the images and of a release.
    #[default]
    Dev,
    /// Cargo's `release` profile: what people run.
    Release,
}

impl Build {
    fn dir(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// Something that has not been built yet, and the command that builds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingArtifact {
    /// What it is, in words.
    pub what: &'static str,
    /// Where it was looked for.
    pub path: PathBuf,
}

impl fmt::Display for MissingArtifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, path } = self;
        let path = path.display();
        write!(
            f,
            "{what} is not at {path}: run `cargo xtask test` (for tests) or `cargo xtask up`, which make it"
        )
    }
}

impl std::error::Error for MissingArtifact {}

impl Artifacts {
    /// Looks up what the tests run, below [`target_dir`] and [`repository`].
    ///
    /// # Errors
    /// The first thing that is not there.
    pub fn locate() -> Result<Self, MissingArtifact> {
        Self::built_as(Build::default())
    }

    /// The same with the programs of a certain build.
    ///
    /// # Errors
    /// The first thing that is not there.
    pub fn built_as(build: Build) -> Result<Self, MissingArtifact> {
        Self::locate_in(&repository(), &target_dir(), build)
    }

    fn locate_in(repository: &Path, target: &Path, build: Build) -> Result<Self, MissingArtifact> {
        let programs = target.join(build.dir());
        Ok(Self {
            filter: present("the filter module", filter_path(target))?,
            envoy: recorded_envoy(target)?,
            issuer: present("the issuer", programs.join("dockgate-issuer"))?,
            sample_api: present("the sample API", programs.join("sample-api"))?,
            envoy_config: present("Envoy's config", repository.join("envoy/envoy.yaml"))?,
            issuer_config: present("the demo config", repository.join("envoy/issuer.toml"))?,
        })
    }

    /// Where the filter module belongs.
    #[must_use]
    pub fn filter_path() -> PathBuf {
        filter_path(&target_dir())
    }

    /// Where the filter module belongs that panics on demand; for the test of what a panic does.
    #[must_use]
    pub fn faulty_filter_path() -> PathBuf {
        demo_dir().join("dockgate_filter_faults.wasm")
    }

    /// The file that says where the Envoy binary is.
    #[must_use]
    pub fn envoy_record() -> PathBuf {
        demo_dir().join(ENVOY_RECORD)
    }
}

const ENVOY_RECORD: &str = "envoy-path";

fn filter_path(target: &Path) -> PathBuf {
    target.join("dockgate/dockgate_filter.wasm")
}

fn recorded_envoy(target: &Path) -> Result<PathBuf, MissingArtifact> {
    let record = target.join("dockgate").join(ENVOY_RECORD);
    match std::fs::read_to_string(&record) {
        Ok(path) => present("Envoy", PathBuf::from(path.trim())),
        Err(_) => Err(MissingArtifact {
            what: "the record of where Envoy is",
            path: record,
        }),
    }
}

fn present(what: &'static str, path: PathBuf) -> Result<PathBuf, MissingArtifact> {
    if path.is_file() {
        Ok(path)
    } else {
        Err(MissingArtifact { what, path })
    }
}

/// The repository's root.
#[must_use]
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Cargo's target directory: the one that the running program was built into, so that
/// `CARGO_TARGET_DIR` and `build.target-dir` are both respected without being read again.
#[must_use]
pub fn target_dir() -> PathBuf {
    let running = std::env::current_exe().unwrap_or_default();
    target_dir_of(&running).unwrap_or_else(|| repository().join("target"))
}

/// A program is `TARGET/PROFILE/name`, a test `TARGET/PROFILE/deps/name`.
fn target_dir_of(program: &Path) -> Option<PathBuf> {
    let dir = program.parent()?;
    let profile = if dir.ends_with("deps") {
        dir.parent()?
    } else {
        dir
    };
    profile.parent().map(Path::to_path_buf)
}

/// Where what cargo does not build itself is kept: Envoy, the module, tools, the demo's store.
#[must_use]
pub fn demo_dir() -> PathBuf {
    target_dir().join("dockgate")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_missing_thing_is_named_with_the_command_that_makes_it() {
        let nowhere = Path::new("/nonexistent");
        let missing = Artifacts::locate_in(nowhere, nowhere, Build::Dev).unwrap_err();
        assert_eq!(missing.what, "the filter module");
        assert!(missing.to_string().contains("cargo xtask test"));
    }

    #[test]
    fn programs_and_tests_find_the_same_target_directory() {
        for program in ["/t/debug/xtask", "/t/release/deps/e2e-0123"] {
            assert_eq!(target_dir_of(Path::new(program)).unwrap(), Path::new("/t"));
        }
    }

    #[test]
    fn the_repository_is_where_the_workspace_is() {
        assert!(repository().join(".envoy-version").is_file());
    }
}
