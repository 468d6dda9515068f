//! Mistakes in the configuration.

use std::fmt;
use std::path::{Path, PathBuf};

use super::located::Place;

/// Every mistake found in one configuration. Shows as one line per mistake: file, line, what is
/// wrong, what to write instead.
#[derive(Debug)]
pub struct ConfigError {
    lines: Vec<String>,
    path: PathBuf,
}

impl ConfigError {
    /// The exit code for a configuration that cannot be used (`EX_USAGE` of sysexits.h).
    pub const EXIT_CODE: u8 = 64;

    pub(super) fn new(path: &Path, text: &str, mut problems: Problems) -> Self {
        problems.list.sort_by_key(|problem| match problem.place {
            Place::Absent => 0,
            Place::File(at) => at.saturating_add(1),
            Place::Environment(_) => usize::MAX,
        });
        let name = path.display();
        let lines = problems.list.into_iter().map(
            |Problem {
                 place,
                 wrong,
                 instead,
             }| match place {
                Place::File(at) => format!("{name}:{}: {wrong}. {instead}.", line_of(text, at)),
                Place::Environment(variable) => format!("{variable}: {wrong}. {instead}."),
                Place::Absent => format!("{name}: {wrong}. {instead}."),
            },
        );
        Self {
            lines: lines.collect(),
            path: path.to_owned(),
        }
    }

    pub(super) fn unreadable(path: &Path, detail: &str) -> Self {
        let name = path.display();
        let line =
            format!("{name}: cannot be read ({detail}). Give the path of a file with --config.");
        Self {
            lines: vec![line],
            path: path.to_owned(),
        }
    }

    /// The mistakes, one line each.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The file they are in.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<Problem>,
}

#[derive(Debug)]
struct Problem {
    place: Place,
    wrong: String,
    instead: String,
}

impl Problems {
    /// Notes a mistake. Both texts are sentences without their full stop.
    pub(super) fn add(
        &mut self,
        place: &Place,
        wrong: impl Into<String>,
        instead: impl Into<String>,
    ) {
        self.list.push(Problem {
            place: place.clone(),
            wrong: wrong.into(),
            instead: instead.into(),
        });
    }

    /// Without their places, a line for each.
    pub(super) fn sentences(self) -> Vec<String> {
        let list = self.list.into_iter();
        list.map(|problem| format!("{}. {}.", problem.wrong, problem.instead))
            .collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
