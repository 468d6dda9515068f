//! One mistake, for people and for programs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is wrong in a configuration, where, and what to write instead. Shows as one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mistake {
    /// Where it is.
    #[serde(flatten)]
    pub position: Position,
    /// A sentence without its full stop.
    pub wrong: String,
    /// A sentence without its full stop.
    pub instead: String,
}

/// Where a mistake is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Position {
    /// In a line of a file.
    Line {
        /// As it was given on the command line.
        file: String,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
    },
    /// In the file as a whole: something is missing.
    File {
        /// As it was given on the command line.
        file: String,
    },
    /// In an environment variable.
    Variable {
        /// Its name.
        variable: String,
    },
}

impl Position {
    /// That of a byte offset in the text of a file.
    pub(super) fn in_text(file: String, text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let (line, last) = before.split('\n').enumerate().last().unwrap_or((0, before));
        Self::Line {
            file,
            line: line.saturating_add(1),
            column: last.chars().count().saturating_add(1),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line, .. } => write!(f, "{file}:{line}"),
            Self::File { file } => f.write_str(file),
            Self::Variable { variable } => f.write_str(variable),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            position,
            wrong,
            instead,
        } = self;
        write!(f, "{position}: {wrong}. {instead}.")
    }
}
