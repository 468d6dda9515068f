//! What a configuration does with a method and a path, for people who want to know beforehand.

use std::hash::RandomState;

use dockgate_token::Scope;

use crate::cache::TokenCache;
use crate::config::Policy;
use crate::decision::{Admission, Decision, Request, decide};
use crate::denial::Denial;
use crate::keys::KeyRing;
use crate::path::CanonicalPath;
use crate::requirement::Requirement;
use crate::rules::Rule;
use crate::signature::SoftwareVerifier;

/// Which rule is for a request, and what comes of it.
#[derive(Debug)]
pub struct Explanation<'p> {
    rule: Option<(usize, &'p Rule)>,
    without_token: Decision<'p>,
}

/// What a valid token changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithToken {
    /// Nothing: the request passes, or is refused, whatever it brings.
    NothingChanges,
    /// It opens the operation.
    Admitted,
    /// It lacks scopes.
    InsufficientScope,
    /// It lacks scopes, and passes all the same: the rule only reports.
    OnlyReported,
}

/// Explains by the very function that decides; nothing is asked of a token but its scopes.
pub fn explain<'p>(policy: &'p Policy, method: &'p str, target: &'p str) -> Explanation<'p> {
    let request = Request {
        method: method.as_bytes(),
        target: target.as_bytes(),
        headers: &[],
    };
    let path = CanonicalPath::parse(request.target).ok();
    let keys = KeyRing::new(policy);
    let mut cache = TokenCache::new(policy, RandomState::new());
    Explanation {
        rule: path.and_then(|path| policy.rule_for(request.method, path)),
        without_token: decide(policy, &keys, &SoftwareVerifier, &mut cache, &request, 0),
    }
}

impl Explanation<'_> {
    /// The position of the rule that is for the request, from 0, and the rule in words.
    pub fn rule(&self) -> Option<(usize, String)> {
        self.rule
            .map(|(position, rule)| (position, rule.to_string()))
    }

    /// What becomes of the request when it brings no token.
    pub fn without_token(&self) -> &Decision<'_> {
        &self.without_token
    }

    /// What becomes of it with a valid token of these scopes, whose claims and resources fit.
    pub fn with_token(&self, scopes: &Scope) -> WithToken {
        let denial = match &self.without_token {
            Decision::Reply(reply) => reply.denial.as_ref(),
            Decision::Forward(permit) => match permit.admission() {
                Admission::Reported { denial, .. } => Some(denial),
                _ => None,
            },
        };
        let Some(Denial::NoCredentials { .. }) = denial else {
            return WithToken::NothingChanges;
        };
        match self.rule.map(|(_, rule)| &rule.requirement) {
            Some(Requirement::Token(needed)) if !needed.is_met_by_scopes(scopes) => {
                match &self.without_token {
                    Decision::Forward(_) => WithToken::OnlyReported,
                    Decision::Reply(_) => WithToken::InsufficientScope,
                }
            }
            _ => WithToken::Admitted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy() -> Policy {
        let config = json!({
            "issuers": [{"issuer": "https://a", "audiences": ["a"],
                         "jwks": {"cluster": "c", "uri": "https://a/k"}}],
            "rules": [
                {"path": "/health", "require": "public"},
                {"prefix": "/data", "methods": ["GET"], "require": {"any_scope": ["r", "w"]}},
                {"prefix": "/data", "require": {"all_scopes": ["w"]}},
                {"prefix": "/trial", "require": {"all_scopes": ["w"]}, "enforcement": "report"},
            ],
        });
        Policy::from_json(config.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn the_rule_that_decides_is_named_with_what_it_needs() {
        let policy = policy();
        for (method, target, expected) in [
            (
                "GET",
                "/health?x",
                Some((0, "path /health needs nothing (public)")),
            ),
            (
                "GET",
                "/data/1",
                Some((1, "prefix /data GET needs a token with one of: r w")),
            ),
            (
                "PUT",
                "/data/1",
                Some((2, "prefix /data needs a token with all of: w")),
            ),
            ("GET", "/other", None),
            ("GET", "/health/%2e", None),
        ] {
            let rule = explain(&policy, method, target).rule();
            let expected = expected.map(|(position, rule)| (position, rule.to_owned()));
            assert_eq!(rule, expected, "{method} {target}");
        }
    }

    #[test]
    fn a_token_opens_what_its_scopes_allow() {
        let policy = policy();
        let with = |method, target, scopes: &str| {
            explain(&policy, method, target).with_token(&scopes.parse().unwrap())
        };
        assert_eq!(with("GET", "/data", "r"), WithToken::Admitted);
        assert_eq!(with("PUT", "/data", "r"), WithToken::InsufficientScope);
        assert_eq!(with("GET", "/other", ""), WithToken::Admitted);
        assert_eq!(with("GET", "/trial", "r"), WithToken::OnlyReported);
        assert_eq!(with("GET", "/trial", "w"), WithToken::Admitted);
        assert_eq!(with("GET", "/health", ""), WithToken::NothingChanges);
        assert_eq!(with("GET", "//data", "r w"), WithToken::NothingChanges);
    }

    #[test]
    fn without_a_token_the_answer_is_the_filters_own() {
        let policy = policy();
        let open = explain(&policy, "GET", "/health");
        assert!(
            matches!(open.without_token(), Decision::Forward(permit) if matches!(permit.admission(), Admission::Public))
        );
        let closed = explain(&policy, "GET", "/data");
        assert!(
            matches!(closed.without_token(), Decision::Reply(reply) if reply.answer.status == 401)
        );
    }
}
