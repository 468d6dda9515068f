//! The files of the repository, as text.

use std::collections::BTreeMap;
use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::program::ask;

/// Every text file that is tracked, or will be, by its path from the root.
pub(super) struct Tree(BTreeMap<String, String>);

impl Tree {
    /// What git tracks and what it does not ignore; binary files are left out.
    pub(super) fn of_repository(root: &Path) -> Outcome<Self> {
        let root_text = root.to_string_lossy();
        let list = [
            "-C",
            &root_text,
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
        ];
        let list = ask("git", &list)
            .ok_or_else(|| Failure::new("tidy needs git, and a repository to look at"))?;
        let read = |path: &str| {
            let text = std::fs::read_to_string(root.join(path)).ok()?;
            Some((path.to_owned(), text))
        };
        Ok(Self(list.lines().filter_map(read).collect()))
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Whether `path` is a file, or a directory with a file in it.
    pub(super) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let below = format!("{path}/");
        self.0.contains_key(path) || self.0.keys().any(|file| file.starts_with(&below))
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        Self(
            files
                .map(|(path, text)| (path.to_owned(), text.to_owned()))
                .into(),
        )
    }
}
