//! COVERAGE.md names only tests that exist.

use super::Finding;
use super::tree::Tree;

const COVERAGE: &str = "tests/COVERAGE.md";

/// Where the files are that COVERAGE.md names without a directory.
const HOMES: [&str; 2] = ["tests/e2e/", "tests/browsers/scenarios/"];

/// Looks up every file, module and test in the last column of each table. A test belongs to the
/// file or module that is named before it in the same cell.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.text(COVERAGE) else {
        return vec![Finding::new(COVERAGE, 0, "it is missing")];
    };
    let tests = tests(tree);
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut place = None;
        for span in spans(last_cell(line)).filter(|span| is_name(span)) {
            if let Err(wrong) = look_up(span, &mut place, &tests, tree) {
                let rule = format!("names `{span}`, {wrong}");
                findings.push(Finding::new(COVERAGE, number + 1, rule));
            }
        }
    }
    findings
}

/// Finds what a cell names; a file or a module becomes the place of the tests that follow it.
fn look_up<'a>(
    span: &'a str,
    place: &mut Option<Place<'a>>,
    tests: &[(&str, &str)],
    tree: &Tree,
) -> Result<(), &'static str> {
    let named: Vec<_> = tests.iter().filter(|(_, name)| *name == span).collect();
    let is_there = |path| place.is_none_or(|place| place.holds(path));
    if named.iter().any(|(path, _)| is_there(path)) {
        return Ok(());
    }
    if !named.is_empty() {
        return Err("which is not in what is named before it");
    }
    let new = Place::of(span);
    if !tree.files().any(|(path, _)| new.holds(path)) {
        return Err("which is no test, no module and no file of tests");
    }
    *place = Some(new);
    Ok(())
}

/// Where tests are.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// `refresh.rs`: a file of the tests against the whole stack.
    File(&'a str),
    /// `protocol::pkce`: a module, or a file of a crate's own tests.
    Module(&'a str),
}

impl<'a> Place<'a> {
    fn of(span: &'a str) -> Self {
        if span.ends_with(".rs") {
            return Self::File(span);
        }
        Self::Module(span)
    }

    fn holds(self, path: &str) -> bool {
        match self {
            Self::File(name) => HOMES
                .iter()
                .any(|home| path.strip_prefix(home) == Some(name)),
            Self::Module(name) => {
                let part = format!("/{}", name.replace("::", "/"));
                let after = path.split_once(&part).map(|(_, after)| after);
                after.is_some_and(|after| after == ".rs" || after.starts_with(['/', '_']))
            }
        }
    }
}

/// Path and name of every test.
fn tests(tree: &Tree) -> Vec<(&str, &str)> {
    let mut tests = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| path.ends_with(".rs")) {
        let mut marked = false;
        for line in text.lines().map(str::trim_start) {
            marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            let Some((_, rest)) = line.split_once("fn ").filter(|_| marked) else {
                continue;
            };
            tests.extend(rest.split_once('(').map(|(name, _)| (path, name)));
            marked = false;
        }
    }
    tests
}

fn last_cell(line: &str) -> &str {
    let row = line.trim_end().strip_suffix('|').unwrap_or_default();
    row.rsplit_once('|').map_or("", |(_, cell)| cell)
}

fn spans(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// A setting (`grace = 0`) or a command is no name.
fn is_name(span: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:.".contains(c);
    span.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTS: (&str, &str) = (
        "tests/e2e/refresh.rs",
        "#[test]\nfn it_rotates() {}\n\nfn helper() {}\n",
    );
    const UNIT: (&str, &str) = (
        "issuer/src/protocol/pkce.rs",
        "    #[tokio::test]\n    async fn it_hashes() {}\n",
    );

    const SCENARIO: (&str, &str) = (
        "tests/browsers/scenarios/keyboard.rs",
        "#[test]\nfn no_mouse_is_needed() {}\n",
    );

    fn rules(cell: &str) -> Vec<String> {
        let row = format!("| `anything_at_all` | source | {cell} |\n");
        let tree = Tree::from([(COVERAGE, row.as_str()), TESTS, UNIT, SCENARIO]);
        check(&tree).into_iter().map(|found| found.rule).collect()
    }

    #[test]
    fn a_test_that_exists_where_it_is_said_to_be_is_good() {
        for cell in [
            "`refresh.rs`",
            "`keyboard.rs` `no_mouse_is_needed`",
            "`refresh.rs` `it_rotates`; issuer `protocol::pkce` `it_hashes`",
            "issuer `pkce`",
            "`it_hashes`",
            "`grace = 0`, `cargo xtask bench`, nothing",
        ] {
            assert_eq!(rules(cell), [""; 0], "{cell}");
        }
    }

    #[test]
    fn a_test_that_does_not_is_found() {
        for cell in [
            "`rotate.rs`",
            "`refresh.rs` `it_rotated`",
            "`refresh.rs` `helper`",
            "`refresh.rs` `it_hashes`",
            "issuer `protocol::pkc`",
        ] {
            assert_eq!(rules(cell).len(), 1, "{cell}");
        }
        assert_eq!(check(&Tree::from([])).len(), 1);
    }
}
