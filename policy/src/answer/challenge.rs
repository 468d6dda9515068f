//! The `WWW-Authenticate` header (RFC 6750 §3).

use dockgate_token::Scope;

use super::Refusal;

/// Which attributes a challenge has besides the scheme.
pub(super) struct Challenge<'a> {
    with_error: bool,
    scope: Option<&'a Scope>,
}

impl<'a> Challenge<'a> {
    /// The scheme alone.
    pub(super) fn bare() -> Self {
        Self {
            with_error: false,
            scope: None,
        }
    }

    /// The scheme with `error` and `error_description`.
    pub(super) fn with_error() -> Self {
        Self {
            with_error: true,
            scope: None,
        }
    }

    pub(super) fn with_scope(self, scope: &'a Scope) -> Self {
        Self {
            scope: Some(scope),
            ..self
        }
    }

    /// Every value is a constant, a URL or scopes: none of them can hold a quote or a backslash.
    pub(super) fn to_header(
        &self,
        refusal: &Refusal<'_>,
        resource_metadata: Option<&str>,
    ) -> String {
        let mut header = String::with_capacity(USUAL_BYTES);
        header.push_str("Bearer");
        let mut separator = " ";
        let mut add = |name: &str, parts: &mut dyn Iterator<Item = &str>| {
            header.extend([separator, name, "=\""]);
            for (position, part) in parts.enumerate() {
                header.push_str(if position == 0 { "" } else { " " });
                header.push_str(part);
            }
            header.push('"');
            separator = ", ";
        };
        let one = std::iter::once::<&str>;
        if self.with_error {
            add("error", &mut one(refusal.error));
            add("error_description", &mut one(refusal.description));
        }
        if let Some(scope) = self.scope.filter(|scope| !scope.is_empty()) {
            add("scope", &mut scope.iter());
        }
        if let Some(url) = resource_metadata {
            add("resource_metadata", &mut one(url));
        }
        header
    }
}

/// Room for a challenge with every attribute; a longer one grows.
const USUAL_BYTES: usize = 256;
