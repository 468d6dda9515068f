//! Whether one rule is for every request that another is for.

use crate::resource::lies_under;
use crate::rules::{PathMatcher, Rule};

impl Rule {
    /// Whether this rule is for every request that `other` is for.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let methods = self.methods.is_empty()
            || (!other.methods.is_empty()
                && other
                    .methods
                    .iter()
                    .all(|method| self.methods.contains(method)));
        methods && self.matcher.covers(&other.matcher)
    }
}

impl PathMatcher {
    /// Whether this is for every path that `other` is for; `false` also where that is not seen.
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Prefix(prefix), Self::Exact(path) | Self::Prefix(path)) => {
                lies_under(path.as_bytes(), prefix.as_bytes())
            }
            (Self::Template(own), Self::Template(others)) => {
                own.len() == others.len()
                    && own
                        .iter()
                        .zip(others)
                        .all(|(own, other)| own.is_none() || own == other)
            }
            (_, Self::Exact(path)) => self.matches(path.as_bytes()),
            _ => self == other,
        }
    }
}
