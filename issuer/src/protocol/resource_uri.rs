//! The URIs by which clients name an API (RFC 8707 §2).

use std::fmt;

use url::Url;

/// The URI of a resource in canonical form: one spelling only, so that comparing text is enough. Its
/// path is one that Envoy and the filter let through, so that the resource can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceUri(String);

/// Why a text is no [`ResourceUri`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceUriError {
    /// It is no absolute `https` or `http` URI.
    NotAbsolute,
    /// It has a fragment (RFC 8707 §2), a query or user information.
    NotPlain,
    /// Its path has two readings, or a character that no path has; the filter refuses such a path.
    UnreachablePath,
    /// It has another spelling that means the same.
    NotCanonical,
}

impl fmt::Display for ResourceUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "a resource is an absolute https or http URI",
            Self::NotPlain => "a resource has no fragment, query or user information",
            Self::UnreachablePath => {
                "the path of a resource has no empty or dot segment, no character that paths do not have, and no percent-encoded slash, backslash, percent sign, control character, or character that needs no encoding"
            }
            Self::NotCanonical => {
                "a resource is written in canonical form: lower-case host, no default port"
            }
        })
    }
}

impl std::error::Error for ResourceUriError {}

impl ResourceUri {
    /// Checks a resource URI (RFC 8707 §2). An empty path is the same as `/` (RFC 3986 §6.2.3); the
    /// result has the empty one.
    ///
    /// # Errors
    /// [`ResourceUriError`].
    pub fn parse(text: &str) -> Result<Self, ResourceUriError> {
        let url = Url::parse(text).map_err(|_| ResourceUriError::NotAbsolute)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(ResourceUriError::NotAbsolute);
        }
        if text.contains(['#', '?', '@']) {
            return Err(ResourceUriError::NotPlain);
        }
        let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
        if !path_is_reachable(after_scheme) {
            return Err(ResourceUriError::UnreachablePath);
        }
        let (text, canonical) = (without_root(text), without_root(url.as_str()));
        if text != canonical {
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

/// Cuts the slash off that is the whole path.
fn without_root(uri: &str) -> &str {
    match uri.strip_suffix('/') {
        Some(rest) if rest.matches('/').count() == 2 => rest,
        _ => uri,
    }
}

/// Looks at what follows the host. A slash at the end leaves one empty segment, which is allowed.
fn path_is_reachable(after_scheme: &str) -> bool {
    let mut segments = after_scheme.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        if segment.is_empty() && segments.peek().is_some() || !segment_is_reachable(segment) {
            return false;
        }
    }
    true
}

fn segment_is_reachable(segment: &str) -> bool {
    // Some servers cut `;`, encoded or not, and what follows off before they look for dot segments.
    let name = segment.split([';', '%']).next().unwrap_or_default();
    let mut parts = segment.split('%');
    let plain = |part: &str| part.bytes().all(is_path_character);
    !matches!(name, "." | "..")
        && parts.next().is_some_and(plain)
        && parts.all(|part| {
            part.split_at_checked(2)
                .is_some_and(|(hex, rest)| escape_has_one_reading(hex) && plain(rest))
        })
}

/// `pchar` of RFC 3986 §3.3, but for `%` and for `@`, which is refused everywhere.
fn is_path_character(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:".contains(&byte)
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn escape_has_one_reading(hex: &str) -> bool {
    let digits = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u8::from_str_radix(hex, 16) {
        // An encoded percent sign is for those who decode twice.
        Ok(b'/' | b'\\' | b'%' | 0..=0x1F | 0x7F) | Err(_) => false,
        Ok(byte) => digits && !is_unreserved(byte),
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
    fn an_origin_is_one_resource_with_or_without_the_slash() {
        assert_eq!(uri("http://a:8080/"), uri("http://a:8080"));
        assert_ne!(uri("http://a/mcp/"), uri("http://a/mcp"));
        for root in ["https://api.example", "https://api.example/"] {
            assert!(uri(root).covers(&uri("https://api.example/x")), "{root}");
            assert!(!uri(root).covers(&uri("https://api.example.evil/")));
        }
    }

    #[test]
    fn paths_with_one_reading_are_accepted() {
        for path in [
            "/a;b=c",
            "/a%20b",
            "/caf%C3%A9",
            "/%7Bid%7D",
            "/...",
            "/:a/*b",
            "/a%3Bb",
        ] {
            assert!(
                ResourceUri::parse(&format!("https://a{path}")).is_ok(),
                "{path}"
            );
        }
    }

    #[test]
    fn what_the_filter_refuses_in_a_path_is_no_resource() {
        for path in [
            "//a",
            "/a//b",
            "/a//",
            "/./a",
            "/a/../b",
            "/a/..",
            "/a/..;/b",
            "/a/.;x=y/b",
            "/a/..%3bx/b",
            "/%2e%2e/a",
            "/.%2e/a",
            "/a%2fb",
            "/a%5Cb",
            "/a\\b",
            "/a%00",
            "/a%0d%0a",
            "/a%7F",
            "/a b",
            "/a\tb",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a%+1",
            "/%61",
            "/a%2dx",
            "/a%252e",
            "/a|b",
            "/a[b]",
            "/{a}",
            "/a^b",
            "/caf\u{e9}",
            "/a%\u{e9}",
        ] {
            let parsed = ResourceUri::parse(&format!("https://api.example{path}"));
            assert_eq!(parsed, Err(ResourceUriError::UnreachablePath), "{path:?}");
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
            ("HTTPS://api.example/", NotCanonical),
            ("https:api.example/", NotCanonical),
            ("https://api.example:443/", NotCanonical),
            ("http://localhost:80", NotCanonical),
            ("https://api.example\\mcp", NotCanonical),
            (" https://api.example/", NotCanonical),
        ] {
            assert_eq!(ResourceUri::parse(text), Err(reason), "{text:?}");
        }
    }
}
