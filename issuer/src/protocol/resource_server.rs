//! The APIs that accept this issuer's tokens, and the URIs by which clients name them.

use std::fmt;

use dockgate_token::{Algorithm, Scope};
use url::Url;

/// An API, or several that share scopes (RFC 6749 §1.1).
#[derive(Clone, Debug)]
pub struct ResourceServer {
    /// What its tokens carry in `aud`.
    pub audience: String,
    /// The URIs by which clients may name it (RFC 8707); whatever lies below them counts too.
    pub resources: Vec<ResourceUri>,
    /// The scopes it knows, each with what the consent page says about it.
    pub scopes: Vec<ScopeDescription>,
    /// What a client that asks for nothing gets, as far as it may have it.
    pub default_scope: Scope,
    /// What its tokens are signed with.
    pub signing_algorithm: Algorithm,
}

/// A scope, explained to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeDescription {
    /// The scope token.
    pub name: String,
    /// What granting it allows, for the consent page.
    pub description: String,
}

impl ResourceServer {
    /// Whether every token of `scope` is one of its own.
    pub fn defines(&self, scope: &Scope) -> bool {
        scope
            .iter()
            .all(|token| self.scopes.iter().any(|own| own.name == token))
    }

    /// Whether `resource` is one of its URIs or lies below one.
    pub fn covers(&self, resource: &ResourceUri) -> bool {
        self.resources.iter().any(|own| own.covers(resource))
    }
}

/// The URI of a resource in canonical form: one spelling only, so that comparing text is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceUri(String);

/// Why a text is no [`ResourceUri`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceUriError {
    /// It is no absolute `https` or `http` URI.
    NotAbsolute,
    /// It has a fragment (RFC 8707 §2), a query or user information.
    NotPlain,
    /// It has another spelling that means the same.
    NotCanonical,
}

impl fmt::Display for ResourceUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "a resource is an absolute https or http URI",
            Self::NotPlain => "a resource has no fragment, query or user information",
            Self::NotCanonical => {
                "a resource is written in canonical form: lower-case host, no default port, no dot segments, no encoded slash, dot or backslash"
            }
        })
    }
}

impl std::error::Error for ResourceUriError {}

impl ResourceUri {
    /// Checks a resource URI (RFC 8707 §2).
    ///
    /// # Errors
    /// [`ResourceUriError`]. A URI without a path may or may not end with a slash.
    pub fn parse(text: &str) -> Result<Self, ResourceUriError> {
        let url = Url::parse(text).map_err(|_| ResourceUriError::NotAbsolute)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(ResourceUriError::NotAbsolute);
        }
        if text.contains(['#', '?', '@']) {
            return Err(ResourceUriError::NotPlain);
        }
        let canonical = url.as_str();
        let without_path = url.path() == "/" && canonical.strip_suffix('/') == Some(text);
        let lower = text.to_ascii_lowercase();
        let ambiguous = ["%2f", "%5c", "%2e", "//"].iter().any(|part| {
            lower
                .split_once("://")
                .is_some_and(|(_, rest)| rest.contains(part))
        });
        if ambiguous || !(canonical == text || without_path) {
            return Err(ResourceUriError::NotCanonical);
        }
        Ok(Self(text.to_owned()))
    }

    /// The URI's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `other` is this URI or lies below it on a segment boundary.
    pub fn covers(&self, other: &Self) -> bool {
        let base = self.0.strip_suffix('/').unwrap_or(&self.0);
        match other.0.strip_prefix(base) {
            Some(rest) => rest.is_empty() || rest.starts_with('/'),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> ResourceUri {
        ResourceUri::parse(text).unwrap()
    }

    #[test]
    fn a_resource_covers_itself_and_what_lies_below_it() {
        let mcp = uri("https://api.example/mcp");
        for below in [
            "https://api.example/mcp",
            "https://api.example/mcp/",
            "https://api.example/mcp/a/b",
        ] {
            assert!(mcp.covers(&uri(below)), "{below}");
        }
        for other in [
            "https://api.example/mcpx",
            "https://api.example",
            "https://api.example/",
            "https://api.example:444/mcp",
            "http://api.example/mcp",
        ] {
            assert!(!mcp.covers(&uri(other)), "{other}");
        }
    }

    #[test]
    fn an_origin_covers_all_its_paths_with_or_without_the_slash() {
        for root in ["https://api.example", "https://api.example/"] {
            for below in [
                "https://api.example",
                "https://api.example/",
                "https://api.example/x",
            ] {
                assert!(uri(root).covers(&uri(below)), "{root} {below}");
            }
            assert!(!uri(root).covers(&uri("https://api.example.evil/")));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        use ResourceUriError::*;
        for (text, reason) in [
            ("", NotAbsolute),
            ("api", NotAbsolute),
            ("/mcp", NotAbsolute),
            ("urn:example:api", NotAbsolute),
            ("https://api.example/#", NotPlain),
            ("https://api.example/?a", NotPlain),
            ("https://u@api.example/", NotPlain),
            ("https://API.example/", NotCanonical),
            ("https://api.example:443/", NotCanonical),
            ("https://api.example/mcp/../admin", NotCanonical),
            ("https://api.example/mcp/%2e%2e/admin", NotCanonical),
            ("https://api.example/mcp%2fx", NotCanonical),
            ("https://api.example/mcp//x", NotCanonical),
            ("https://api.example\\mcp", NotCanonical),
            ("https://api.example/a b", NotCanonical),
            (" https://api.example/", NotCanonical),
        ] {
            assert_eq!(ResourceUri::parse(text), Err(reason), "{text:?}");
        }
    }
}
