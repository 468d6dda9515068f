//! Keeps the rules of ARCHITECTURE.md that a compiler cannot keep. Also runs as a test.

mod bans;
mod coverage;
mod manifests;
mod map;
mod shape;
mod tree;

use std::fmt;

use dockgate_stack::repository;

use crate::failure::{Failure, Outcome};
use tree::Tree;

/// A rule that is broken, and where.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// Counted from 1; 0 where the file as a whole is meant.
    line: usize,
    rule: String,
}

impl Finding {
    fn new(path: &str, line: usize, rule: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule: rule.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule } = self;
        write!(f, "{path}:{line}: {rule}")
    }
}

/// Every check, in the order in which findings are listed.
const CHECKS: [fn(&Tree) -> Vec<Finding>; 5] = [
    map::check,
    coverage::check,
    manifests::check,
    bans::check,
    shape::check,
];

/// `cargo xtask tidy`.
pub(crate) fn run() -> Outcome {
    let tree = Tree::of_repository(&repository())?;
    let findings: Vec<String> = CHECKS
        .iter()
        .flat_map(|check| check(&tree))
        .map(|finding| finding.to_string())
        .collect();
    if findings.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} findings:\n{}",
        findings.len(),
        findings.join("\n")
    )))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_repository_is_tidy() {
        if let Err(failure) = super::run() {
            panic!("{failure}");
        }
    }
}
