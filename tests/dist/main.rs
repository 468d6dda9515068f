//! What `cargo xtask dist` leaves, looked at by whoever downloads it. `cargo xtask test dist` builds it
//! first.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dockgate_stack::{Artifacts, deployment, repository, target_dir};
use dockgate_tests::deployment::{Deployment, WEB_SECRET, committed};
use serde_json::Value;

fn release() -> PathBuf {
    let dir = target_dir().join("dockgate/dist");
    assert!(
        dir.join("SHA256SUMS").is_file(),
        "there is no release in {}: run `cargo xtask test dist`",
        dir.display()
    );
    dir
}

/// The one file of the release that ends so.
#[track_caller]
fn file(start: &str, end: &str) -> PathBuf {
    let entries = fs::read_dir(release()).unwrap();
    let mut found = entries.map(|entry| entry.unwrap().path()).filter(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(start) && name.ends_with(end)
    });
    let first = found.next().unwrap_or_else(|| panic!("no {start}…{end}"));
    assert_eq!(found.next(), None);
    first
}

/// A directory that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let name = format!("dockgate/tests/dist-{name}-{}", std::process::id());
        let dir = target_dir().join(name);
        fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Unpacks the archive and gives the directory in it.
fn unpack(into: &Path) -> PathBuf {
    let archive = file("dockgate-", ".tar.gz");
    let tar = Command::new("tar")
        .args(["--extract", "--gzip", "--file"])
        .arg(&archive)
        .arg("--directory")
        .arg(into)
        .status();
    assert!(tar.unwrap().success());
    let name = archive.file_name().unwrap().to_str().unwrap();
    into.join(name.trim_end_matches(".tar.gz"))
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{command:?}: {text}");
    text
}

#[test]
fn every_file_has_its_sum() {
    let sums = fs::read_to_string(release().join("SHA256SUMS")).unwrap();
    let mut summed = BTreeSet::from(["SHA256SUMS".to_owned()]);
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let contents = fs::read(release().join(name)).unwrap();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &contents);
        let digest: String = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(sum, digest, "{name}");
        summed.insert(name.to_owned());
    }
    let there: BTreeSet<String> = fs::read_dir(release())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(there, summed);
    assert_eq!(there.len(), 5);
}

#[test]
fn the_programs_of_the_archive_run_and_take_the_configurations_beside_them() {
    let scratch = Scratch::new("programs");
    let dir = unpack(&scratch.0);
    for program in ["dockgate-issuer", "dockgate-filter-check"] {
        let said = succeeds(Command::new(dir.join("bin").join(program)).arg("--version"));
        assert_eq!(
            said.trim(),
            format!("{program} {}", env!("CARGO_PKG_VERSION"))
        );
    }
    let deploy = dir.join("envoy/deploy");
    fs::create_dir(deploy.join("secrets")).unwrap();
    fs::write(deploy.join("secrets/web"), WEB_SECRET).unwrap();
    for config in ["envoy/issuer.toml", "envoy/deploy/issuer.toml"] {
        let issuer = dir.join("bin/dockgate-issuer");
        succeeds(
            Command::new(issuer)
                .args(["check", "--config"])
                .arg(dir.join(config)),
        );
    }
    let check = dir.join("bin/dockgate-filter-check");
    succeeds(
        Command::new(check)
            .arg("--strict")
            .arg(deploy.join("envoy.yaml")),
    );
    for needed in [
        ".envoy-version",
        "CHANGELOG.md",
        "LICENSE",
        "SECURITY.md",
        "THIRD-PARTY-LICENSES.txt",
        "docs/deploy.md",
        "envoy/deploy/kustomization.yaml",
        "envoy/envoy.yaml",
    ] {
        assert!(dir.join(needed).is_file(), "{needed}");
    }
}

#[test]
fn envoy_runs_the_module_of_the_release() {
    let scratch = Scratch::new("module");
    let module = unpack(&scratch.0).join("dockgate_filter.wasm");
    let alone = file("dockgate-filter-", ".wasm");
    assert_eq!(fs::read(&module).unwrap(), fs::read(alone).unwrap());
    let files = Deployment::prepare();
    let mut site = files.site.clone();
    site.filter = module;
    let config = site.envoy_config(&committed(deployment::ENVOY_CONFIG));
    fs::write(files.path("envoy.yaml"), config.unwrap()).unwrap();
    let said = succeeds(
        Command::new(Artifacts::locate().unwrap().envoy)
            .args(["--mode", "validate", "--config-path"])
            .arg(files.path("envoy.yaml")),
    );
    assert!(said.contains("verified by the host: RS256"), "{said}");
}

/// A ConfigMap holds no more, and docs/deploy.md says that the module fits into one.
#[test]
fn the_module_fits_into_a_config_map() {
    let size = fs::metadata(file("dockgate-filter-", ".wasm"))
        .unwrap()
        .len();
    assert!(size < 1024 * 1024, "{size} bytes");
}

#[test]
fn each_bill_of_materials_is_of_the_program_beside_it() {
    let scratch = Scratch::new("sbom");
    let dir = unpack(&scratch.0);
    for (name, program, has, has_not) in [
        (
            "dockgate-issuer",
            "bin/dockgate-issuer",
            "sled",
            "proxy-wasm",
        ),
        (
            "dockgate-filter",
            "dockgate_filter.wasm",
            "proxy-wasm",
            "sled",
        ),
    ] {
        let document = fs::read(file(name, ".cdx.json")).unwrap();
        let document: Value = serde_json::from_slice(&document).unwrap();
        let main = &document["metadata"]["component"];
        assert_eq!(main["name"], name);
        let contents = fs::read(dir.join(program)).unwrap();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &contents);
        let digest: String = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(main["hashes"][0]["content"], digest);
        let components = document["components"].as_array().unwrap();
        let names: Vec<_> = components
            .iter()
            .filter_map(|one| one["name"].as_str())
            .collect();
        assert!(
            names.contains(&has) && !names.contains(&has_not),
            "{names:?}"
        );
        let notice = fs::read_to_string(dir.join("THIRD-PARTY-LICENSES.txt")).unwrap();
        let ours = |name: &str| name.starts_with("dockgate-") || name == "std";
        for name in names.iter().filter(|name| !ours(name)) {
            assert!(notice.contains(&format!("\n{name} ")), "{name}");
        }
    }
}

/// Nothing is compiled again: it is the packing, the bills and the sums that are compared, at another
/// time and place.
#[test]
fn packing_again_gives_the_same_bytes() {
    let again = Scratch::new("again");
    let mut dist = Command::new(env!("CARGO"));
    dist.current_dir(repository());
    dist.args([
        "run",
        "--quiet",
        "--package",
        "xtask",
        "--",
        "dist",
        "--out",
    ]);
    succeeds(dist.arg(&again.0));
    let sums = |dir: &Path| fs::read_to_string(dir.join("SHA256SUMS")).unwrap();
    assert_eq!(sums(&release()), sums(&again.0));
}
