//! Rules in words, for the linter and the log: as an operator would write them.

use std::fmt;

use crate::config::Policy;
use crate::requirement::{Requirement, TokenRequirement};
use crate::rules::{Enforcement, Rule};

impl Policy {
    /// The rules in words, in their order.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = impl fmt::Display> {
        self.rules.iter()
    }

    /// What a request needs that no rule names.
    pub fn unmatched(&self) -> &'static str {
        match self.unmatched {
            Some(_) => "any valid token",
            None => "a rule: it is refused",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.matcher)?;
        if !self.methods.is_empty() {
            write!(f, " {}", self.methods.join("|"))?;
        }
        write!(f, " needs {}", self.requirement)?;
        if self.enforcement == Enforcement::Report {
            f.write_str(", but only reports")?;
        }
        Ok(())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("nothing (public)"),
            Self::Passthrough => f.write_str("what the upstream asks for (passthrough)"),
            Self::Token(requirement) => write!(f, "{requirement}"),
        }
    }
}

impl fmt::Display for TokenRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.all_scopes.is_empty() {
            parts.push(format!("all of: {}", self.all_scopes));
        }
        if !self.any_scope.is_empty() {
            parts.push(format!("one of: {}", self.any_scope));
        }
        parts.extend(
            self.claims
                .iter()
                .map(|claim| format!("the right {}", claim.name.as_str())),
        );
        if parts.is_empty() {
            f.write_str("any valid token")
        } else {
            write!(f, "a token with {}", parts.join(", and "))
        }
    }
}
