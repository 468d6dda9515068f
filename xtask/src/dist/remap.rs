//! Keeps the places of one machine out of what is built, so that every machine builds the same bytes.

use std::fs;
use std::path::{Path, PathBuf};

use dockgate_stack::{repository, target_dir};

use crate::failure::{Failure, Outcome};
use crate::program::ask;

/// A place of this machine, and what stands for it in programs.
struct Place {
    here: PathBuf,
    everywhere: &'static str,
}

/// The narrower ones last: the last that fits counts.
fn places() -> Vec<Place> {
    let place = |here, everywhere| Place { here, everywhere };
    let home = cargo_home();
    let mut places = vec![
        place(home.clone(), "/cargo"),
        place(repository(), "/dockgate"),
        place(target_dir(), "/target"),
    ];
    // Each is called after the registry, which a machine can have a mirror of.
    let registries = fs::read_dir(home.join("registry/src"))
        .into_iter()
        .flatten();
    places.extend(
        registries
            .flatten()
            .map(|entry| place(entry.path(), "/crates")),
    );
    places
}

fn cargo_home() -> PathBuf {
    let set = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo");
    set.unwrap_or_else(home)
}

/// Flags for the Rust compiler `rustc`. Where the standard library is built too, its sources have a
/// place of this machine as well.
pub(super) fn rust_flags(rustc: &str) -> Vec<String> {
    let mut places = places();
    if let Some(sysroot) = ask(rustc, &["--print", "sysroot"]) {
        let sources = Path::new(sysroot.trim()).join("lib/rustlib/src/rust");
        let linked = sources.canonicalize().ok();
        for here in linked.into_iter().chain([sources]) {
            places.push(Place {
                here,
                everywhere: "/rustc",
            });
        }
    }
    let flag =
        |Place { here, everywhere }| format!("--remap-path-prefix={}={everywhere}", here.display());
    places.into_iter().map(flag).collect()
}

/// Flags for the C compiler, which understands the same order.
pub(super) fn c_flags() -> String {
    let flag =
        |Place { here, everywhere }| format!("-ffile-prefix-map={}={everywhere}", here.display());
    let flags: Vec<String> = places().into_iter().map(flag).collect();
    flags.join(" ")
}

/// Checks that none of the places is in a file.
pub(super) fn check(file: &Path) -> Outcome {
    let contents = fs::read(file)?;
    for Place { here, .. } in places() {
        let path = here.display().to_string();
        if contains(&contents, path.as_bytes()) {
            return Err(Failure::new(format!(
                "{} has {path} in it, so that no other machine could build it: see \
                 xtask/src/dist/remap.rs",
                file.display()
            )));
        }
    }
    Ok(())
}

fn contains(contents: &[u8], wanted: &[u8]) -> bool {
    contents
        .windows(wanted.len())
        .any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_this_machine_is_found_in_a_file() {
        let file = std::env::temp_dir().join(format!("dockgate-remap-{}", std::process::id()));
        let found = |contents: String| {
            fs::write(&file, contents).unwrap();
            check(&file).is_err()
        };
        assert!(found(format!(
            "x{}/token/src/lib.rs",
            repository().display()
        )));
        assert!(!found("x/dockgate/token/src/lib.rs".to_owned()));
        fs::remove_file(&file).unwrap();
    }

    #[test]
    fn the_target_directory_wins_over_the_repository_around_it() {
        let flags = rust_flags("rustc");
        let position = |end: &str| flags.iter().position(|flag| flag.ends_with(end)).unwrap();
        assert!(position("=/dockgate") < position("=/target"));
        assert!(position("=/cargo") < position("=/crates"));
    }
}
