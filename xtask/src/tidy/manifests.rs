//! Who may depend on whom, and where dependencies come from.

use super::Finding;
use super::tree::Tree;

/// A manifest and what it may not name. The arrows are `filter → policy → token ← issuer`, and
/// the tests see everything from outside.
const ABSENT: [(&str, &[&str]); 6] = [
    (
        "token/Cargo.toml",
        &["dockgate-", "proxy-wasm", "jwt-simple", "sled"],
    ),
    (
        "policy/Cargo.toml",
        &["proxy-wasm", "dockgate-filter", "dockgate-issuer", "sled"],
    ),
    (
        "filter/Cargo.toml",
        &["dockgate-issuer", "jwt-simple", "sled"],
    ),
    (
        "issuer/Cargo.toml",
        &["dockgate-policy", "dockgate-filter", "proxy-wasm"],
    ),
    (
        "tests/Cargo.toml",
        &["dockgate-policy", "dockgate-filter", "dockgate-issuer"],
    ),
    (
        "tests/stack/Cargo.toml",
        &["dockgate-policy", "dockgate-filter", "dockgate-issuer"],
    ),
];

const LOCK: &str = "Cargo.lock";
const CRATES_IO: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
const NPM: &str = "\"resolved\": \"https://registry.npmjs.org/";

/// Looks at manifests and lock files.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files()
        .flat_map(|(path, text)| check_file(path, text))
        .collect()
}

fn check_file(path: &str, text: &str) -> Vec<Finding> {
    let absent = ABSENT
        .iter()
        .find(|(manifest, _)| *manifest == path)
        .map_or(&[][..], |(_, a)| a);
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut found = |rule: String| findings.push(Finding::new(path, number + 1, rule));
        if path.ends_with("Cargo.toml") && !line.starts_with("name =") {
            // A comment may say why something is absent.
            let line = line.split('#').next().unwrap_or_default();
            for name in absent.iter().filter(|name| line.contains(**name)) {
                found(format!(
                    "`{name}` is not allowed here: see the arrows in ARCHITECTURE.md"
                ));
            }
        }
        if path == LOCK && line.starts_with("source = ") && line != CRATES_IO {
            found("a dependency that does not come from crates.io".to_owned());
        }
        let resolved = path.ends_with("package-lock.json") && line.contains("\"resolved\":");
        if resolved && !line.contains(NPM) {
            found("a package that does not come from the public npm registry".to_owned());
        }
        if is_private_source(path, line) {
            found("a package source of one machine's own".to_owned());
        }
    }
    findings
}

/// Settings that send a package manager elsewhere belong to a machine, not to the project.
fn is_private_source(path: &str, line: &str) -> bool {
    let elsewhere = [
        "index-url",
        "--find-links",
        "replace-with",
        "_authToken",
        "npm_config_registry",
    ];
    !path.starts_with("xtask/src/tidy/") && elsewhere.iter().any(|sign| line.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_forbidden_dependency_is_found() {
        for (manifest, absent) in ABSENT {
            for name in absent {
                let bad = format!("[dependencies]\n{name} = \"1\"\n");
                assert_eq!(
                    check(&Tree::from([(manifest, bad.as_str())])).len(),
                    1,
                    "{name}"
                );
            }
            assert_eq!(
                check(&Tree::from([(
                    manifest,
                    "# no sled\nname = \"dockgate-x\"\n"
                )])),
                []
            );
        }
    }

    #[test]
    fn a_dependency_from_elsewhere_is_found() {
        let good = format!("{CRATES_IO}\n");
        assert_eq!(check(&Tree::from([(LOCK, good.as_str())])), []);
        let bad = "source = \"registry+https://example.com/index\"\n";
        assert_eq!(check(&Tree::from([(LOCK, bad)])).len(), 1);
        let bad = "\"resolved\": \"https://example.com/a.tgz\"\n";
        assert_eq!(check(&Tree::from([("a/package-lock.json", bad)])).len(), 1);
        let bad = "pip install --index-url x\n";
        assert_eq!(check(&Tree::from([("envoy/Dockerfile", bad)])).len(), 1);
    }
}
