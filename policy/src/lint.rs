//! What is allowed in a configuration and still worth a second look: every loosening by its name,
//! and rules that do not do what they seem to.

mod covers;
mod loosenings;

use std::fmt;

use crate::config::Policy;
use crate::requirement::Requirement;
use crate::rules::{PathMatcher, Rule};

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// How much it weighs.
    pub weight: Weight,
    /// The field, as in `rules[3].prefix`.
    pub field: String,
    /// What it means, and what to do if it was not meant.
    pub sentence: String,
}

/// How much a piece of advice weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Something is open that is so in most configurations, and should be on a list of what is.
    Open,
    /// It is worth a second look.
    Advice,
}

impl Advice {
    fn new(weight: Weight, field: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self {
            weight,
            field: field.into(),
            sentence: sentence.into(),
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.sentence)
    }
}

/// Looks a valid configuration through. An empty list is no proof that it is what was meant.
pub fn lint(policy: &Policy) -> Vec<Advice> {
    let mut advice = loosenings::of(policy);
    for (position, rule) in policy.rules.iter().enumerate() {
        let field = format!("rules[{position}]");
        let earlier = policy.rules.iter().take(position);
        advice.extend(shadowed(&field, rule, earlier));
        advice.extend(unpublished_scopes(policy, &field, rule));
    }
    advice.extend(other_spellings(policy));
    if policy.resources.is_empty() {
        advice.push(Advice::new(
            Weight::Advice,
            "protected_resources",
            "without one, clients cannot find the issuer by themselves (RFC 9728), which MCP clients do",
        ));
    }
    advice
}

/// The first match wins: what an earlier rule is for already, a later one never sees.
fn shadowed<'r>(
    field: &str,
    rule: &Rule,
    mut earlier: impl Iterator<Item = &'r Rule>,
) -> Option<Advice> {
    let position = earlier.position(|earlier| earlier.covers(rule))?;
    Some(Advice::new(
        Weight::Advice,
        field,
        format!(
            "never decides: rules[{position}] is for the same requests and comes first; put the narrower rule in front"
        ),
    ))
}

/// A client learns what to ask for from the metadata (RFC 9728 §2, `scopes_supported`).
fn unpublished_scopes(policy: &Policy, field: &str, rule: &Rule) -> Option<Advice> {
    let published: Vec<&str> = policy
        .resources
        .iter()
        .flat_map(|resource| resource.scopes_supported().iter().map(String::as_str))
        .collect();
    if published.is_empty() {
        return None;
    }
    let Requirement::Token(needed) = &rule.requirement else {
        return None;
    };
    let scopes = needed.all_scopes.iter().chain(needed.any_scope.iter());
    let missing: Vec<&str> = scopes.filter(|scope| !published.contains(scope)).collect();
    (!missing.is_empty()).then(|| {
        Advice::new(
            Weight::Advice,
            format!("{field}.require"),
            format!(
                "no protected resource lists {} in scopes_supported, so clients do not know of it; check the spelling",
                missing.join(", ")
            ),
        )
    })
}

/// A path that is exact here and not in the API falls through to what is for all other paths.
fn other_spellings(policy: &Policy) -> Option<Advice> {
    let is_exact = |rule: &Rule| {
        matches!(
            rule.matcher,
            PathMatcher::Exact(_) | PathMatcher::Template(_)
        ) && matches!(rule.requirement, Requirement::Token(_))
    };
    (policy.unmatched.is_some() && policy.rules.iter().any(is_exact)).then(|| {
        Advice::new(
            Weight::Advice,
            "unmatched",
            "another spelling of an exact path (a slash at the end, other case) needs a token of any scope only; use prefixes, or `unmatched: deny`",
        )
    })
}

#[cfg(test)]
mod tests;
