//! ARCHITECTURE.md names only what exists.

use super::Finding;
use super::tree::Tree;

const MAP: &str = "ARCHITECTURE.md";

/// Looks up every path that the map names.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(map) = tree.text(MAP) else {
        return vec![Finding::new(MAP, 0, "the map of the repository is missing")];
    };
    let mut findings = Vec::new();
    for (number, line) in map.lines().enumerate() {
        for path in code_spans(line).filter(|span| is_path(span)) {
            if !tree.has(path) {
                let rule = format!("names `{path}`, which does not exist");
                findings.push(Finding::new(MAP, number + 1, rule));
            }
        }
    }
    findings
}

fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// A place in the repository is written `token/` or `filter/src/host.rs`; what begins with `/` is
/// part of a URL.
fn is_path(span: &str) -> bool {
    let plain = span
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    let named = [".rs", ".md", ".toml", ".yaml", ".yml"]
        .iter()
        .any(|end| span.ends_with(end));
    plain && !span.starts_with('/') && (span.contains('/') || named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_does_not_exist_is_found() {
        let tree = Tree::from([
            (
                MAP,
                "`token/` and `filter/src/host.rs` and `/token` and `a b/c`\n`gone/x.rs`",
            ),
            ("token/src/lib.rs", ""),
            ("filter/src/host.rs", ""),
        ]);
        let expected = Finding::new(MAP, 2, "names `gone/x.rs`, which does not exist");
        assert_eq!(check(&tree), [expected]);
    }

    #[test]
    fn a_missing_map_is_found() {
        assert_eq!(check(&Tree::from([])).len(), 1);
    }
}
