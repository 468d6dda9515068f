//! What is allowed in a configuration and still worth a second look: every loosening by its name,
//! and rules that do not do what they seem to.

use std::fmt;

use crate::config::{IssuerPolicy, Policy};
use crate::cors::CorsPolicy;
use crate::requirement::Requirement;
use crate::resource::lies_under;
use crate::rules::{Enforcement, PathMatcher, Rule};
use crate::token_profile::TokenProfile;

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The field, as in `rules[3].prefix`.
    pub field: String,
    /// What it means, and what to do if it was not meant.
    pub sentence: String,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.sentence)
    }
}

/// Looks a valid configuration through. An empty list is no proof that it is what was meant.
pub fn lint(policy: &Policy) -> Vec<Advice> {
    let mut advice = Vec::new();
    for (position, rule) in policy.rules.iter().enumerate() {
        let field = format!("rules[{position}]");
        let earlier = policy.rules.iter().take(position);
        advice.extend(shadowed(&field, rule, earlier));
        advice.extend(wide_open(&field, rule));
        advice.extend(report_only(&field, rule));
        advice.extend(unpublished_scopes(policy, &field, rule));
    }
    advice.extend(general(policy));
    advice
}

/// The first match wins: what an earlier rule is for already, a later one never sees.
fn shadowed<'r>(
    field: &str,
    rule: &Rule,
    mut earlier: impl Iterator<Item = &'r Rule>,
) -> Option<Advice> {
    let position = earlier.position(|earlier| earlier.covers(rule))?;
    Some(Advice {
        field: field.to_owned(),
        sentence: format!(
            "never decides: rules[{position}] is for the same requests and comes first; put the narrower rule in front"
        ),
    })
}

fn wide_open(field: &str, rule: &Rule) -> Option<Advice> {
    match (&rule.requirement, &rule.matcher) {
        (Requirement::Public, PathMatcher::Prefix(prefix)) => Some(Advice {
            field: format!("{field}.prefix"),
            sentence: format!("everything below {prefix} is open to everybody"),
        }),
        _ => None,
    }
}

fn report_only(field: &str, rule: &Rule) -> Option<Advice> {
    (rule.enforcement == Enforcement::Report).then(|| Advice {
        field: format!("{field}.enforcement"),
        sentence: "only reports: requests that it would refuse pass".to_owned(),
    })
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
    (!missing.is_empty()).then(|| Advice {
        field: format!("{field}.require"),
        sentence: format!(
            "no protected resource lists {} in scopes_supported, so clients do not know of it; check the spelling",
            missing.join(", ")
        ),
    })
}

fn general(policy: &Policy) -> Vec<Advice> {
    let advice = |field: &str, sentence: &str| Advice {
        field: field.to_owned(),
        sentence: sentence.to_owned(),
    };
    let mut all = Vec::new();
    let has_exact = policy.rules.iter().any(|rule| {
        matches!(
            rule.matcher,
            PathMatcher::Exact(_) | PathMatcher::Template(_)
        ) && !matches!(
            rule.requirement,
            Requirement::Public | Requirement::Passthrough
        )
    });
    if policy.unmatched.is_some() && has_exact {
        all.push(advice(
            "unmatched",
            "another spelling of an exact path (a slash at the end, other case) needs a token of any scope only; use prefixes, or `unmatched: deny`",
        ));
    }
    if policy.resources.is_empty() {
        all.push(advice(
            "protected_resources",
            "without one, clients cannot find the issuer by themselves (RFC 9728), which MCP clients do",
        ));
    }
    if policy.forward_token {
        all.push(advice(
            "forward_token",
            "the upstream sees each token and could use or leak it (RFC 9700 §4.9.1)",
        ));
    }
    if !policy.bind_resource_path {
        all.push(advice(
            "bind_resource_path",
            "a token for one resource opens the paths of the others too (RFC 8707)",
        ));
    }
    if policy.cors == CorsPolicy::Any {
        all.push(advice(
            "cors.allow_origins",
            "pages of every origin may call and read the answers",
        ));
    }
    if policy.debug_header {
        all.push(advice(
            "debug_header",
            "refused clients are told the reason and the rule; it is for a developer's machine",
        ));
    }
    for (position, issuer) in policy.issuers().iter().enumerate() {
        all.extend(on_issuer(&format!("issuers[{position}]"), issuer));
    }
    all
}

fn on_issuer(field: &str, issuer: &IssuerPolicy) -> Vec<Advice> {
    let profile = &issuer.token_profile;
    let findings = [
        (
            issuer.identifier.starts_with("http:"),
            "issuer",
            "http is for development on one machine",
        ),
        (
            !TokenProfile::is_typed(&profile.types),
            "token_profile.types",
            "an ID token of this issuer is told apart by its other claims alone (RFC 8725 §3.11)",
        ),
        (
            !profile.forbids(TokenProfile::CONFIRMATION),
            "token_profile.forbidden_claims",
            "without cnf, a token that is bound to a key opens the API for whoever stole it",
        ),
        (
            !TokenProfile::is_typed(&profile.types)
                && !TokenProfile::CLAIMS_OF_OTHER_TOKENS
                    .iter()
                    .all(|claim| profile.forbids(claim)),
            "token_profile.forbidden_claims",
            "ID and logout tokens have more claims by which they are told apart; see the default",
        ),
        (
            !profile.audience_claims.is_empty(),
            "token_profile.audience_claims",
            "a token that its client got for another API passes here too, and can be used there by this one",
        ),
        (
            profile.may_lack.subject || profile.may_lack.client_id,
            "token_profile.optional_claims",
            "the upstream may not learn who calls; see to it that it takes no missing header for a trusted caller",
        ),
    ];
    let found = findings.into_iter().filter(|(applies, ..)| *applies);
    found
        .map(|(_, name, sentence)| Advice {
            field: format!("{field}.{name}"),
            sentence: sentence.to_owned(),
        })
        .collect()
}

impl Rule {
    /// Whether this rule is for every request that `other` is for.
    fn covers(&self, other: &Self) -> bool {
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

#[cfg(test)]
mod tests;
