//! The file as it is written.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::audit::AuditTable;
use super::client_id_metadata::ClientIdMetadataTable;
use super::clients::ClientTable;
use super::error::{ConfigError, Problems};
use super::keys::KeysTable;
use super::listen::ListenTable;
use super::located::Located;
use super::log::LogTable;
use super::pages::PagesTable;
use super::passwords::PasswordsTable;
use super::registration::{InitialAccessTokenTable, RegistrationTable};
use super::resource_servers::ResourceServerTable;
use super::shape;
use super::store::StoreTable;
use super::tokens::TokensTable;
use super::tracing::TracingTable;
use super::trusted_issuers::TrustedIssuerTable;
use super::users::UserTable;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct File {
    /// The public URL of Envoy and the `iss` of every token, byte for byte. `https`, or `http` on a
    /// loopback host; without query, fragment, default port or a slash at the end. Where it is not
    /// loopback, the demo's secrets and passwords, secrets in plain text and secrets that nobody drew
    /// at random are refused.
    #[cfg_attr(test, schemars(extend("examples" = ["https://api.example.com"])))]
    pub(super) issuer: Option<Located<String>>,
    #[serde(default)]
    pub(super) listen: ListenTable,
    #[serde(default)]
    pub(super) store: StoreTable,
    #[serde(default)]
    pub(super) log: LogTable,
    #[serde(default)]
    pub(super) tracing: TracingTable,
    #[serde(default)]
    pub(super) audit: AuditTable,
    #[serde(default)]
    pub(super) tokens: TokensTable,
    #[serde(default)]
    pub(super) keys: KeysTable,
    #[serde(default)]
    pub(super) passwords: PasswordsTable,
    #[serde(default)]
    pub(super) pages: PagesTable,
    #[serde(default)]
    pub(super) registration: RegistrationTable,
    #[serde(default)]
    pub(super) client_id_metadata: ClientIdMetadataTable,
    #[serde(default)]
    pub(super) initial_access_tokens: Vec<Located<InitialAccessTokenTable>>,
    #[serde(default)]
    pub(super) resource_servers: Vec<ResourceServerTable>,
    #[serde(default)]
    pub(super) clients: Vec<ClientTable>,
    #[serde(default)]
    pub(super) trusted_issuers: Vec<TrustedIssuerTable>,
    #[serde(default)]
    pub(super) users: Vec<UserTable>,
}

impl File {
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        read(text).map_err(|problems| ConfigError::new(path, text, problems))
    }
}

/// Reads a table that knows all its keys.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problems> {
    let mut problems = Problems::default();
    shape::read(text, &mut problems).ok_or(problems)
}
