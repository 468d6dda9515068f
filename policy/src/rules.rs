//! Rules: which requests need what. The first match wins.

use dockgate_token::Scope;

use crate::path::{CanonicalPath, Spellings};
use crate::resource::lies_under;

/// One rule of the ordered list.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) matcher: PathMatcher,
    /// Empty: every method.
    pub(crate) methods: Vec<String>,
    pub(crate) requirement: Requirement,
    pub(crate) allowed_spellings: Spellings,
}

/// Which paths a rule is for. Comparison is of bytes; nothing is decoded and no case is folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathMatcher {
    /// This path alone.
    Exact(String),
    /// This path and everything below it, on a segment boundary.
    Prefix(String),
    /// Segment by segment; `None` stands for any one non-empty segment.
    Template(Vec<Option<String>>),
}

/// What a request must bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    /// Nothing.
    Public,
    /// Nothing the filter knows of: the upstream looks at the credentials itself.
    Passthrough,
    /// A valid token.
    Token,
    /// A valid token with every one of these scopes.
    AllScopes(Scope),
    /// A valid token with at least one of these scopes.
    AnyScope(Scope),
}

impl Rule {
    pub(crate) fn matches(&self, method: &[u8], path: CanonicalPath<'_>) -> bool {
        // RFC 9110 §9.1: the method is case-sensitive.
        let method_fits =
            self.methods.is_empty() || self.methods.iter().any(|own| own.as_bytes() == method);
        method_fits && self.matcher.matches(path.bytes())
    }
}

impl PathMatcher {
    pub(crate) fn matches(&self, path: &[u8]) -> bool {
        match self {
            Self::Exact(exact) => path == exact.as_bytes(),
            Self::Prefix(prefix) => lies_under(path, prefix.as_bytes()),
            Self::Template(segments) => {
                let mut parts = path
                    .strip_prefix(b"/")
                    .unwrap_or(path)
                    .split(|byte| *byte == b'/');
                segments
                    .iter()
                    .all(|segment| match (segment, parts.next()) {
                        (Some(literal), Some(part)) => part == literal.as_bytes(),
                        (None, Some(part)) => !part.is_empty(),
                        (_, None) => false,
                    })
                    && parts.next().is_none()
            }
        }
    }
}

impl Requirement {
    /// The scopes to name in a challenge; of alternatives the first, which is the one to list as
    /// the least.
    pub(crate) fn scope_to_ask_for(&self) -> Scope {
        match self {
            Self::Public | Self::Passthrough | Self::Token => Scope::empty(),
            Self::AllScopes(scope) => scope.clone(),
            Self::AnyScope(scope) => Scope::from_tokens(scope.iter().take(1)).unwrap_or_default(),
        }
    }

    pub(crate) fn is_met_by(&self, granted: &Scope) -> bool {
        match self {
            Self::Public | Self::Passthrough | Self::Token => true,
            Self::AllScopes(required) => granted.covers(required),
            Self::AnyScope(alternatives) => granted.covers_any(alternatives),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers() {
        let exact = PathMatcher::Exact("/a".into());
        let prefix = PathMatcher::Prefix("/a/".into());
        let template = PathMatcher::Template(vec![Some("u".into()), None, Some("p".into())]);
        for (matcher, path, expected) in [
            (&exact, "/a", true),
            (&exact, "/a/", false),
            (&exact, "/A", false),
            (&prefix, "/a", true),
            (&prefix, "/a/", true),
            (&prefix, "/a/b/c", true),
            (&prefix, "/ab", false),
            (&template, "/u/1/p", true),
            (&template, "/u//p", false),
            (&template, "/u/1/p/", false),
            (&template, "/u/1/p/x", false),
            (&template, "/u/1", false),
            (&template, "/v/1/p", false),
        ] {
            assert_eq!(
                matcher.matches(path.as_bytes()),
                expected,
                "{matcher:?} {path}"
            );
        }
    }

    #[test]
    fn of_alternatives_the_first_is_asked_for() {
        let any = Requirement::AnyScope("read write".parse().unwrap());
        assert_eq!(any.scope_to_ask_for().to_string(), "read");
        assert!(any.is_met_by(&"write".parse().unwrap()));
        assert!(!any.is_met_by(&"other".parse().unwrap()));
    }
}
