//! Rules in words, for the linter and the log: as an operator would write them.

use std::fmt;

use crate::config::{Policy, Unmatched};
use crate::rules::{PathMatcher, Requirement, Rule};

impl Policy {
    /// The rules in words, in their order.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = impl fmt::Display> {
        self.rules.iter()
    }

    /// What a request needs that no rule names.
    pub fn unmatched(&self) -> &'static str {
        match self.unmatched {
            Unmatched::RequireToken => "any valid token",
            Unmatched::Deny => "a rule: it is refused",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.matcher)?;
        if !self.methods.is_empty() {
            write!(f, " {}", self.methods.join("|"))?;
        }
        write!(f, " needs {}", self.requirement)
    }
}

impl fmt::Display for PathMatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(path) => write!(f, "path {path}"),
            Self::Prefix(prefix) => write!(f, "prefix {prefix}"),
            Self::Template(segments) => {
                f.write_str("template ")?;
                segments
                    .iter()
                    .try_for_each(|segment| write!(f, "/{}", segment.as_deref().unwrap_or("{}")))
            }
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("nothing (public)"),
            Self::Passthrough => f.write_str("what the upstream asks for (passthrough)"),
            Self::Token => f.write_str("any valid token"),
            Self::AllScopes(scopes) => write!(f, "a token with all of: {scopes}"),
            Self::AnyScope(scopes) => write!(f, "a token with one of: {scopes}"),
        }
    }
}
