//! Rules: which requests need what. The first match wins.

use std::fmt;

use serde::Deserialize;

use crate::path::{CanonicalPath, Spellings};
use crate::requirement::Requirement;
use crate::resource::lies_under;

/// One rule of the ordered list.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) matcher: PathMatcher,
    /// Empty: every method.
    pub(crate) methods: Vec<String>,
    pub(crate) requirement: Requirement,
    pub(crate) allowed_spellings: Spellings,
    pub(crate) enforcement: Enforcement,
}

/// Whether what a rule decides is carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Enforcement {
    /// It is.
    #[default]
    Enforce,
    /// A request that it would refuse passes, and is counted.
    Report,
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

/// As the configuration has it.
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
}
