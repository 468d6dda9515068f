//! Protected resources, which the filter publishes metadata for.

use dockgate_token::{IssuerError, Scope};
use serde::Deserialize;

use super::error::ConfigError;
use crate::metadata::ProtectedResource;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawResource {
    /// The canonical URI, as clients know it; never taken from `Host`.
    resource: String,
    /// For people.
    resource_name: Option<String>,
    /// What a client may ask for.
    #[serde(default)]
    scopes_supported: Vec<String>,
}

impl RawResource {
    pub(super) fn validate(
        self,
        authorization_servers: &[&str],
    ) -> Result<ProtectedResource, ConfigError> {
        let uri = self
            .resource
            .parse()
            .map_err(|error: IssuerError| ConfigError::new("resource", error.to_string()))?;
        Scope::from_tokens(&self.scopes_supported)
            .map_err(|error| ConfigError::new("scopes_supported", error.to_string()))?;
        Ok(ProtectedResource::new(
            uri,
            authorization_servers,
            &self.scopes_supported,
            self.resource_name.as_deref(),
        ))
    }
}
