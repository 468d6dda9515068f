//! Which rule decides about a request, and whether it only reports.

use crate::config::Policy;
use crate::denial::Denial;
use crate::filter_state::{FilterState, StateField};
use crate::metadata::is_oauth_document;
use crate::path::{CanonicalPath, PathFault};
use crate::requirement::Requirement;
use crate::rules::{Enforcement, Rule};

/// What decides about a request: a rule, or what is for requests that none is for.
#[derive(Clone, Copy)]
pub(crate) struct Matched<'p> {
    pub(crate) rule: Option<(usize, &'p Rule)>,
    pub(crate) requirement: &'p Requirement,
}

impl<'p> Matched<'p> {
    /// The first rule that matches, or what holds for want of one.
    pub(crate) fn find(
        policy: &'p Policy,
        method: &[u8],
        path: CanonicalPath<'_>,
    ) -> Result<Self, Denial> {
        let rule = policy.rule_for(method, path);
        let requirement = match (rule, &policy.unmatched) {
            (Some((_, rule)), _) => &rule.requirement,
            (None, _) if is_oauth_document(path.bytes()) => return Err(Denial::NoSuchDocument),
            (None, None) => return Err(Denial::Unmatched),
            (None, Some(requirement)) => requirement,
        };
        Ok(Self { rule, requirement })
    }

    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.requirement, Requirement::Token(_))
    }

    pub(crate) fn reports(&self) -> bool {
        self.rule
            .is_some_and(|(_, rule)| rule.enforcement == Enforcement::Report)
    }

    /// Whatever the rule's enforcement: a path with two readings may be another rule's.
    pub(crate) fn check_spelling(&self, path: CanonicalPath<'_>) -> Result<(), Denial> {
        let allowed = self.rule.map(|(_, rule)| rule.allowed_spellings);
        if path.tolerated().are_all_in(allowed.unwrap_or_default()) {
            Ok(())
        } else {
            Err(Denial::Path(PathFault::NotAllowedByRule))
        }
    }

    /// What the configuration wants told of the rule, and of what it would have refused.
    pub(crate) fn filter_state(&self, policy: &Policy, would_deny: Option<&Denial>) -> FilterState {
        let wanted = policy.filter_state.iter();
        wanted
            .filter_map(|field| {
                let value = match field {
                    StateField::Rule => self.rule.map_or_else(
                        || "unmatched".to_owned(),
                        |(position, _)| format!("rules[{position}]"),
                    ),
                    StateField::WouldDeny => would_deny?.reason().to_owned(),
                    _ => return None,
                };
                Some((field.name(), value))
            })
            .collect()
    }
}
