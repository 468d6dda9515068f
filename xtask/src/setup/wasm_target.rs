//! The compiler for `wasm32-wasip1`: rustup's, or Debian's where rustup cannot download.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use dockgate_stack::target_dir;

use super::debian;
use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program::{ask, logged};

/// It has a clock and a random source, which `wasm32-unknown-unknown` lacks.
const TARGET: &str = "wasm32-wasip1";

/// A compiler for [`TARGET`].
#[derive(Clone, Debug)]
pub(crate) enum WasmTarget {
    /// The toolchain in use has the target.
    Rustup,
    /// Debian's compiler with Debian's sources of the standard library.
    Debian {
        /// The newest `wasm-ld-NN` of the machine.
        linker: PathBuf,
    },
}

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_WASI: &str = "/usr/lib/wasm32-wasi";
/// One version of these two: the compiler accepts no other standard library than its own.
const DEBIAN_PAIR: [&str; 2] = ["rustc-web", "rust-web-src"];

impl WasmTarget {
    /// `cargo SUBCOMMAND --target wasm32-wasip1` with this compiler.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = cargo(subcommand);
        command.args(["--target", TARGET]);
        // Another compiler than the rest of the workspace uses must not share its directory.
        command.env("CARGO_TARGET_DIR", self.target_dir());
        // Flags for the native build do not fit this one.
        for native in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_RUSTFLAGS",
        ] {
            command.env_remove(native);
        }
        if let Self::Debian { linker } = self {
            command
                .env("RUSTC", DEBIAN_RUSTC)
                // `-Zbuild-std` is for nightly compilers unless this is set.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_WASIP1_LINKER", linker)
                .env(
                    "CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS",
                    self.rust_flags().join(" "),
                )
                .arg("-Zbuild-std=std,panic_abort");
            for wrapper in ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
                command.env_remove(wrapper);
            }
        }
        command
    }

    /// The flags that the compiler cannot do without; whoever sets other ones has to add these.
    pub(crate) fn rust_flags(&self) -> Vec<String> {
        match self {
            Self::Rustup => Vec::new(),
            Self::Debian { .. } => vec![format!("-L{DEBIAN_WASI}")],
        }
    }

    /// The compiler itself.
    pub(crate) fn rustc(&self) -> &'static str {
        match self {
            Self::Rustup => "rustc",
            Self::Debian { .. } => DEBIAN_RUSTC,
        }
    }

    /// Where a profile's output is.
    pub(crate) fn output(&self, profile: &str) -> PathBuf {
        self.target_dir().join(TARGET).join(profile)
    }

    fn target_dir(&self) -> PathBuf {
        target_dir().join(match self {
            Self::Rustup => "wasm",
            Self::Debian { .. } => "wasm-debian",
        })
    }
}

/// Finds a compiler for the target, or gets one.
pub(crate) fn provide(context: &Context) -> Outcome<WasmTarget> {
    if toolchain_has_target() {
        return Ok(WasmTarget::Rustup);
    }
    // Not first: the toolchain that the user chose is to be preferred once it has the target.
    if let Some(present) = debian_compiler() {
        return Ok(present);
    }
    let rustup = add_with_rustup(context);
    if rustup.is_ok() && toolchain_has_target() {
        return Ok(WasmTarget::Rustup);
    }
    if debian::can_install() {
        install_from_debian(context)?;
        return debian_compiler().ok_or_else(|| missing("Debian's packages do not have it"));
    }
    Err(missing(
        &rustup
            .err()
            .map_or_else(String::new, |failure| failure.to_string()),
    ))
}

fn missing(reason: &str) -> Failure {
    let packages = DEBIAN_PAIR.join(" ");
    Failure::new(format!(
        "the Rust target {TARGET} is missing: get it with `rustup target add {TARGET}`, or on \
         Debian with `apt-get install {packages} wasi-libc` and the newest lld-NN ({})",
        reason.trim()
    ))
}

fn toolchain_has_target() -> bool {
    ask("rustc", &["--print", "sysroot"]).is_some_and(|sysroot| {
        let library = Path::new(sysroot.trim())
            .join("lib/rustlib")
            .join(TARGET)
            .join("lib");
        has_entry(&library, |name| name.starts_with("libstd-"))
    })
}

fn add_with_rustup(context: &Context) -> Outcome {
    context.say(&format!("adding the Rust target {TARGET}"));
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]);
    logged("rustup target add", command)
        .within(Duration::from_secs(180))
        .run(context)
        .map(drop)
}

fn debian_compiler() -> Option<WasmTarget> {
    let [compiler, sources] = DEBIAN_PAIR.map(debian::installed_version);
    let complete = compiler.is_some()
        && compiler == sources
        && Path::new(DEBIAN_RUSTC).is_file()
        && Path::new(DEBIAN_WASI).join("libc.a").is_file();
    let linker = newest_linker(Path::new("/usr/bin"))?;
    complete.then_some(WasmTarget::Debian { linker })
}

fn newest_linker(dir: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(dir).ok()?;
    entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let version: u32 = name.to_str()?.strip_prefix("wasm-ld-")?.parse().ok()?;
            Some((version, entry.path()))
        })
        .max()
        .map(|(_, path)| path)
}

fn install_from_debian(context: &Context) -> Outcome {
    // The lists of a new machine may be missing, or name a pair that is older than this workspace's
    // `rust-version`; where they cannot be fetched, those that are there have to do.
    let updated = debian::update(context);
    let choice = debian_packages().ok_or_else(|| match updated {
        Ok(()) => missing("Debian has no matching pair"),
        Err(failure) => missing(&failure.to_string()),
    })?;
    debian::install(context, &choice.each_ref().map(String::as_str))
}

/// The newest version that both packages have, and the newest linker.
fn debian_packages() -> Option<[String; 4]> {
    let [compilers, sources] = DEBIAN_PAIR.map(debian::versions);
    let version = compilers
        .into_iter()
        .find(|version| sources.contains(version))?;
    let linker = debian::named("^lld-[0-9]+$")
        .into_iter()
        .filter_map(|name| name.strip_prefix("lld-")?.parse::<u32>().ok())
        .max()?;
    let [compiler, source] = DEBIAN_PAIR.map(|package| format!("{package}={version}"));
    Some([
        compiler,
        source,
        format!("lld-{linker}"),
        "wasi-libc".to_owned(),
    ])
}

fn has_entry(dir: &Path, wanted: impl Fn(&str) -> bool) -> bool {
    std::fs::read_dir(dir).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|e| wanted(&e.file_name().to_string_lossy()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_linker_is_the_one_with_the_highest_number() {
        let dir = std::env::temp_dir().join(format!("dockgate-linkers-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        for name in ["wasm-ld-9", "wasm-ld-22", "wasm-ld-14", "wasm-ld"] {
            std::fs::write(dir.join(name), "").unwrap();
        }
        assert_eq!(newest_linker(&dir).unwrap(), dir.join("wasm-ld-22"));
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
