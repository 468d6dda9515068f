//! The filter's configuration: what an operator writes, validated once into a [`Policy`].
//!
//! It is written as a `google.protobuf.Struct` or as a string of JSON. Unknown fields are errors, and
//! every error names its field.

mod cache;
mod error;
mod identity;
mod issuer;
mod protobuf_struct;
mod resource;
mod rule;

use serde::Deserialize;

pub(crate) use cache::CacheLimits;
pub use error::ConfigError;
pub use identity::IdentityHeaders;
pub use issuer::{IssuerPolicy, JwksSource};

use crate::metadata::ProtectedResource;
use crate::rules::Rule;
use error::At as _;

/// A validated configuration.
#[derive(Clone, Debug)]
pub struct Policy {
    issuers: Vec<IssuerPolicy>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) unmatched: Unmatched,
    pub(crate) resources: Vec<ProtectedResource>,
    pub(crate) identity_headers: IdentityHeaders,
    pub(crate) forward_token: bool,
    pub(crate) bind_resource_path: bool,
    pub(crate) max_token_bytes: usize,
    pub(crate) cache: CacheLimits,
}

/// What a request that no rule names must bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unmatched {
    /// A valid token, of whatever scope.
    #[default]
    RequireToken,
    /// Nothing helps: the list of rules is complete.
    Deny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    issuers: Vec<issuer::RawIssuer>,
    #[serde(default)]
    rules: Vec<rule::RawRule>,
    #[serde(default)]
    unmatched: Unmatched,
    #[serde(default)]
    protected_resources: Vec<resource::RawResource>,
    #[serde(default)]
    identity_headers: identity::RawIdentityHeaders,
    /// Whether the upstream sees the token (RFC 9700 §4.9.1 advises against it).
    #[serde(default)]
    forward_token: bool,
    /// Whether a token for a resource below the root opens paths of that resource only.
    #[serde(default = "enabled")]
    bind_resource_path: bool,
    #[serde(default = "default_max_token_bytes")]
    max_token_bytes: usize,
    #[serde(default)]
    cache: cache::RawCache,
}

impl Policy {
    /// Reads a configuration as the host hands it over: a serialised `google.protobuf.Struct`, or
    /// JSON where it was wrapped in a `StringValue` (as Istio and Envoy Gateway do).
    ///
    /// # Errors
    /// [`ConfigError`] for the first thing that is wrong, with its field.
    pub fn from_plugin_configuration(bytes: &[u8]) -> Result<Self, ConfigError> {
        match protobuf_struct::to_json(bytes) {
            Some(value) => Self::from_value(value),
            None => Self::from_json(bytes),
        }
    }

    /// Reads a configuration from JSON.
    ///
    /// # Errors
    /// As [`Self::from_plugin_configuration`].
    pub fn from_json(json: &[u8]) -> Result<Self, ConfigError> {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let raw: RawConfig =
            serde_path_to_error::deserialize(&mut deserializer).map_err(ConfigError::from_serde)?;
        deserializer
            .end()
            .map_err(|error| ConfigError::new("", error.to_string()))?;
        raw.validate()
    }

    fn from_value(value: serde_json::Value) -> Result<Self, ConfigError> {
        let raw: RawConfig =
            serde_path_to_error::deserialize(value).map_err(ConfigError::from_serde)?;
        raw.validate()
    }

    /// The issuers, in the order of the configuration.
    pub fn issuers(&self) -> &[IssuerPolicy] {
        &self.issuers
    }

    /// The issuer with this very identifier, and its position.
    pub(crate) fn issuer(&self, identifier: &str) -> Option<(usize, &IssuerPolicy)> {
        self.issuers
            .iter()
            .enumerate()
            .find(|(_, issuer)| issuer.identifier == identifier)
    }

    /// The longest protected resource that covers `path`.
    pub(crate) fn resource_of(&self, path: &[u8]) -> Option<&ProtectedResource> {
        let covering = self
            .resources
            .iter()
            .filter(|resource| resource.uri.covers(path));
        covering.max_by_key(|resource| resource.uri.path().len())
    }
}

impl RawConfig {
    fn validate(self) -> Result<Policy, ConfigError> {
        if self.issuers.is_empty() {
            return Err(ConfigError::new("issuers", "name at least one issuer"));
        }
        let issuers = self
            .issuers
            .into_iter()
            .enumerate()
            .map(|(index, raw)| raw.validate().at(&format!("issuers[{index}]")))
            .collect::<Result<Vec<_>, _>>()?;
        for (index, issuer) in issuers.iter().enumerate() {
            if issuers
                .iter()
                .take(index)
                .any(|earlier| earlier.identifier == issuer.identifier)
            {
                return Err(ConfigError::new(
                    format!("issuers[{index}].issuer"),
                    "this issuer is already in the list",
                ));
            }
        }
        let rules = self
            .rules
            .into_iter()
            .enumerate()
            .map(|(index, raw)| raw.validate().at(&format!("rules[{index}]")))
            .collect::<Result<Vec<_>, _>>()?;
        let authorization_servers: Vec<&str> = issuers
            .iter()
            .map(|issuer| issuer.identifier.as_str())
            .collect();
        let resources = self
            .protected_resources
            .into_iter()
            .enumerate()
            .map(|(index, raw)| {
                raw.validate(&authorization_servers)
                    .at(&format!("protected_resources[{index}]"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if !(1..=MAX_TOKEN_BYTES).contains(&self.max_token_bytes) {
            return Err(ConfigError::new(
                "max_token_bytes",
                format!("use 1 to {MAX_TOKEN_BYTES}"),
            ));
        }
        Ok(Policy {
            rules,
            unmatched: self.unmatched,
            resources,
            identity_headers: self.identity_headers.validate().at("identity_headers")?,
            forward_token: self.forward_token,
            bind_resource_path: self.bind_resource_path,
            max_token_bytes: self.max_token_bytes,
            cache: self.cache.validate().at("cache")?,
            issuers,
        })
    }
}

fn enabled() -> bool {
    true
}

/// Four times the largest access token that is common in the field, a twentieth of a request.
fn default_max_token_bytes() -> usize {
    8 * 1024
}

/// Envoy refuses request headers beyond 60 KiB by default.
const MAX_TOKEN_BYTES: usize = 60 * 1024;

#[cfg(test)]
mod tests;
