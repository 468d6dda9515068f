//! Why a task failed: a sentence for the person at the terminal.

use std::fmt;

/// What went wrong and, where it is known, what to do about it.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// What a step gives.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<dockgate_stack::StackError> for Failure {
    fn from(error: dockgate_stack::StackError) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}
