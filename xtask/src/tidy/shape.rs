//! How files look.

use super::Finding;
use super::tree::Tree;

/// Past 300 lines a file deserves a hard look; past this it is two files.
const LONGEST: usize = 500;

/// Looks at lengths and line ends.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files()
        .flat_map(|(path, text)| check_file(path, text))
        .collect()
}

fn check_file(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if path.ends_with(".rs") && lines > LONGEST {
        findings.push(Finding::new(
            path,
            lines,
            format!("longer than {LONGEST} lines"),
        ));
    }
    if !text.is_empty() && !text.ends_with('\n') {
        findings.push(Finding::new(path, lines, "no newline at the end"));
    }
    for (number, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t', '\r']) || line.contains('\r') {
            findings.push(Finding::new(
                path,
                number + 1,
                "white space at the end of the line",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        check(&Tree::from([(path, text)])).len()
    }

    #[test]
    fn long_files_and_white_space_are_found() {
        assert_eq!(findings("a.rs", &"x\n".repeat(LONGEST)), 0);
        assert_eq!(findings("a.rs", &"x\n".repeat(LONGEST + 1)), 1);
        assert_eq!(findings("a.md", &"x\n".repeat(LONGEST + 1)), 0);
        assert_eq!(findings("a.md", "x \n"), 1);
        assert_eq!(findings("a.md", "x\t\ny\n"), 1);
        assert_eq!(findings("a.md", "x"), 1);
    }
}
