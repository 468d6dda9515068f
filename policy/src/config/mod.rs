//! The filter's configuration: what an operator writes, validated once into a [`Policy`].
//!
//! It is written as a `google.protobuf.Struct` or as a string of JSON. Unknown fields are errors, and
//! every error names its field.

mod cache;
mod claim;
mod cors;
mod error;
mod identity;
mod issuer;
mod jwks;
mod protobuf_struct;
mod requirement;
mod resource;
mod rule;
mod start;
mod token_profile;

use serde::Deserialize;

pub(crate) use cache::CacheLimits;
pub use error::ConfigError;
pub use identity::IdentityHeaders;
pub(crate) use issuer::DEFAULT_CLOCK_SKEW_SECONDS;
pub use issuer::IssuerPolicy;
pub(crate) use jwks::{DEFAULT_MAX_STALE_SECONDS, DEFAULT_REFRESH_SECONDS};
pub use jwks::{Discovery, JwksLocation, JwksSource, Location, RemoteJwks};

use crate::claim_requirement::ClaimRequirement;
use crate::cors::CorsPolicy;
use crate::filter_state::StateField;
use crate::metadata::ProtectedResource;
use crate::path::CanonicalPath;
use crate::requirement::{Requirement, TokenRequirement};
use crate::rules::Rule;
use crate::strict_json::parse_owned_object;
use error::At as _;

/// A validated configuration.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) issuers: Vec<IssuerPolicy>,
    pub(crate) rules: Vec<Rule>,
    /// What the rules want of claims, each once: what a token meets of it is part of its claims.
    pub(crate) claim_requirements: Vec<ClaimRequirement>,
    /// What a request that no rule names must bring; `None` when nothing helps.
    pub(crate) unmatched: Option<Requirement>,
    pub(crate) cors: CorsPolicy,
    /// In the order in which they are written; each once.
    pub(crate) filter_state: Vec<StateField>,
    pub(crate) debug_header: bool,
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
enum Unmatched {
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
    cors: cors::RawCors,
    /// What access logs, rate limits and later filters are told; each costs a call of the host.
    #[serde(default)]
    filter_state: Vec<StateField>,
    /// Whether a refusal tells the client its reason and rule. For a developer's machine only.
    #[serde(default)]
    debug_header: bool,
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
        // Through a value, as a struct comes: one reader of it in the module, and no name twice.
        let members =
            parse_owned_object(json).map_err(|error| ConfigError::new("", error.to_string()))?;
        Self::from_value(serde_json::Value::Object(members))
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

    /// The first rule that is for `method` and `path`, and its position.
    pub(crate) fn rule_for(
        &self,
        method: &[u8],
        path: CanonicalPath<'_>,
    ) -> Option<(usize, &Rule)> {
        let mut rules = self.rules.iter().enumerate();
        rules.find(|(_, rule)| rule.matches(method, path))
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
        let mut claim_requirements = Vec::new();
        let rules = self
            .rules
            .into_iter()
            .enumerate()
            .map(|(index, raw)| {
                raw.validate(&mut claim_requirements)
                    .at(&format!("rules[{index}]"))
            })
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
        if let Some(index) = resources.iter().enumerate().position(|(index, own)| {
            let mut earlier = resources.iter().take(index);
            earlier.any(|earlier| earlier.uri.path() == own.uri.path())
        }) {
            // Both documents would be at one path, and whoever got the other's must refuse it
            // (RFC 9728 §3.3).
            return Err(ConfigError::new(
                format!("protected_resources[{index}].resource"),
                "another resource has the same path",
            ));
        }
        if !(1..=MAX_TOKEN_BYTES).contains(&self.max_token_bytes) {
            return Err(ConfigError::new(
                "max_token_bytes",
                format!("use 1 to {MAX_TOKEN_BYTES}"),
            ));
        }
        Ok(Policy {
            rules,
            claim_requirements,
            unmatched: match self.unmatched {
                Unmatched::RequireToken => Some(Requirement::Token(TokenRequirement::default())),
                Unmatched::Deny => None,
            },
            cors: self.cors.validate().at("cors")?,
            filter_state: each_once(self.filter_state)?,
            debug_header: self.debug_header,
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

fn each_once(fields: Vec<StateField>) -> Result<Vec<StateField>, ConfigError> {
    let repeated = fields
        .iter()
        .enumerate()
        .find(|(index, field)| fields.iter().take(*index).any(|earlier| earlier == *field));
    match repeated {
        Some((index, _)) => Err(ConfigError::new(
            format!("filter_state[{index}]"),
            "this is already in the list",
        )),
        None => Ok(fields),
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
