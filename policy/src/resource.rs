//! Protected resources: the URIs under which this gateway's APIs are known (RFC 9728 §1.2).

use std::str::FromStr;

use dockgate_token::{Issuer, IssuerError};

/// The canonical URI of a protected resource: `https`, or `http` on a loopback host, without query,
/// fragment and slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResourceUri(Issuer);

impl FromStr for ResourceUri {
    type Err = IssuerError;

    /// The grammar is that of an issuer identifier.
    fn from_str(text: &str) -> Result<Self, IssuerError> {
        text.parse().map(Self)
    }
}

impl ResourceUri {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn path(&self) -> &str {
        self.0.path()
    }

    /// Whether `path` is the resource's own path or lies below it on a segment boundary.
    pub(crate) fn covers(&self, path: &[u8]) -> bool {
        lies_under(path, self.path().as_bytes())
    }

    /// Where the resource's metadata is: the well-known path comes between origin and path
    /// (RFC 9728 §3.1).
    pub(crate) fn metadata_url(&self) -> String {
        format!("{}{WELL_KNOWN}{}", self.0.origin(), self.path())
    }

    /// The path of [`Self::metadata_url`].
    pub(crate) fn metadata_path(&self) -> String {
        format!("{WELL_KNOWN}{}", self.path())
    }

    /// The path of `uri` below this resource's origin, if it is of that origin.
    pub(crate) fn path_at_same_origin<'a>(&self, uri: &'a str) -> Option<&'a str> {
        let path = uri.strip_prefix(self.0.origin())?;
        (path.is_empty() || path.starts_with('/')).then_some(path)
    }
}

/// Whether `path` equals `base` or continues it after a slash. The empty base covers everything.
pub(crate) fn lies_under(path: &[u8], base: &[u8]) -> bool {
    let base = base.strip_suffix(b"/").unwrap_or(base);
    path.strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// RFC 9728 §3.
pub(crate) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lie_under_a_base_on_a_segment_boundary() {
        for (path, base, expected) in [
            ("/mcp", "/mcp", true),
            ("/mcp/x", "/mcp", true),
            ("/mcp/x", "/mcp/", true),
            ("/mcpx", "/mcp", false),
            ("/m", "/mcp", false),
            ("/anything", "", true),
            ("/anything", "/", true),
        ] {
            assert_eq!(
                lies_under(path.as_bytes(), base.as_bytes()),
                expected,
                "{path} under {base}"
            );
        }
    }

    #[test]
    fn the_well_known_part_is_inserted() {
        let resource: ResourceUri = "https://api.example/mcp".parse().unwrap();
        assert_eq!(
            resource.metadata_url(),
            "https://api.example/.well-known/oauth-protected-resource/mcp"
        );
    }
}
