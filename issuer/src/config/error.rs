//! Mistakes in the configuration.

use std::fmt;
use std::path::{Path, PathBuf};

use super::located::Place;
use super::mistake::{Mistake, Position};

/// Every mistake found in one configuration. Shows as one line per mistake: file, line, what is
/// wrong, what to write instead.
#[derive(Debug)]
pub struct ConfigError {
    mistakes: Vec<Mistake>,
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
        let mistakes = problems.list.into_iter().map(|problem| Mistake {
            position: problem.place.position(path, text),
            wrong: problem.wrong,
            instead: problem.instead,
        });
        Self::of(path, mistakes.collect())
    }

    pub(super) fn unreadable(path: &Path, detail: &str) -> Self {
        let wrong = format!("cannot be read ({detail})");
        Self::whole(path, wrong, "Give the path of a file with --config")
    }

    /// One mistake that is not of the file alone.
    pub fn whole(path: &Path, wrong: String, instead: &str) -> Self {
        let mistake = Mistake {
            position: Place::Absent.position(path, ""),
            wrong,
            instead: instead.to_owned(),
        };
        Self::of(path, vec![mistake])
    }

    pub(super) fn of(path: &Path, mistakes: Vec<Mistake>) -> Self {
        Self {
            lines: mistakes.iter().map(Mistake::to_string).collect(),
            mistakes,
            path: path.to_owned(),
        }
    }

    /// The mistakes, one line each.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The mistakes, for programs.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// The file they are in.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Place {
    /// For people; `text` is what was read from `path`.
    pub(super) fn position(self, path: &Path, text: &str) -> Position {
        let file = path.display().to_string();
        match self {
            Self::File(at) => Position::in_text(file, text, at),
            Self::Absent => Position::File { file },
            Self::Environment(variable) => Position::Variable { variable },
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

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
