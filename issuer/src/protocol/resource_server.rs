//! The APIs that accept this issuer's tokens.

use std::collections::BTreeMap;

use dockgate_token::{Algorithm, Scope};

use super::{Language, ResourceUri};

/// An API, or several that share scopes (RFC 6749 §1.1).
#[derive(Clone, Debug, PartialEq)]
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
    /// The same in some languages; in the others it is [`Self::description`].
    pub descriptions: BTreeMap<Language, String>,
}

impl ScopeDescription {
    /// What granting it allows, in words for who reads this language.
    pub fn in_language(&self, language: Language) -> &str {
        self.descriptions
            .get(&language)
            .unwrap_or(&self.description)
    }
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
