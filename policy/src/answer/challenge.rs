//! The `WWW-Authenticate` header (RFC 6750 §3).

use dockgate_token::Scope;

use super::Refusal;

/// Which attributes a challenge has besides the scheme.
pub(super) struct Challenge {
    with_error: bool,
    scope: Scope,
}

impl Challenge {
    /// The scheme alone.
    pub(super) fn bare() -> Self {
        Self {
            with_error: false,
            scope: Scope::empty(),
        }
    }

    /// The scheme with `error` and `error_description`.
    pub(super) fn with_error() -> Self {
        Self {
            with_error: true,
            scope: Scope::empty(),
        }
    }

    pub(super) fn with_scope(self, scope: &Scope) -> Self {
        Self {
            scope: scope.clone(),
            ..self
        }
    }

    /// Every value is a constant, a URL or scopes: none of them can hold a quote or a backslash.
    pub(super) fn to_header(&self, refusal: &Refusal, resource_metadata: Option<&str>) -> String {
        let mut attributes = Vec::new();
        if self.with_error {
            attributes.push(format!("error=\"{}\"", refusal.error));
            attributes.push(format!("error_description=\"{}\"", refusal.description));
        }
        if !self.scope.is_empty() {
            attributes.push(format!("scope=\"{}\"", self.scope));
        }
        if let Some(url) = resource_metadata {
            attributes.push(format!("resource_metadata=\"{url}\""));
        }
        if attributes.is_empty() {
            "Bearer".to_owned()
        } else {
            format!("Bearer {}", attributes.join(", "))
        }
    }
}
