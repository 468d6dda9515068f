//! Configuration errors: which field, what is wrong, what to write.

use std::fmt;

/// The first thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    field: String,
    problem: String,
}

impl ConfigError {
    pub(super) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }

    pub(super) fn from_serde(error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        let field = error.path().to_string();
        let problem = error.into_inner().to_string();
        // The configuration was re-serialised on its way here, so its line says nothing.
        let problem = problem.split(" at line ").next().unwrap_or_default();
        Self::new(if field == "." { "" } else { &field }, problem)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.problem)
        } else {
            write!(f, "{}: {}", self.field, self.problem)
        }
    }
}

impl std::error::Error for ConfigError {}

/// Says where in the whole an error of a part lies.
pub(super) trait At {
    fn at(self, place: &str) -> Self;
}

impl<T> At for Result<T, ConfigError> {
    fn at(self, place: &str) -> Self {
        self.map_err(|error| {
            let dot = if error.field.is_empty() || error.field.starts_with('[') {
                ""
            } else {
                "."
            };
            ConfigError {
                field: format!("{place}{dot}{}", error.field),
                problem: error.problem,
            }
        })
    }
}
