//! The file as it is written.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::clients::ClientTable;
use super::error::{ConfigError, Problems};
use super::keys::KeysTable;
use super::listen::ListenTable;
use super::located::{Located, Place};
use super::log::LogTable;
use super::passwords::PasswordsTable;
use super::registration::RegistrationTable;
use super::resource_servers::ResourceServerTable;
use super::store::StoreTable;
use super::tokens::TokensTable;
use super::trusted_issuers::TrustedIssuerTable;
use super::users::UserTable;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) issuer: Option<Located<String>>,
    #[serde(default)]
    pub(super) listen: ListenTable,
    #[serde(default)]
    pub(super) store: StoreTable,
    #[serde(default)]
    pub(super) log: LogTable,
    #[serde(default)]
    pub(super) tokens: TokensTable,
    #[serde(default)]
    pub(super) keys: KeysTable,
    #[serde(default)]
    pub(super) passwords: PasswordsTable,
    #[serde(default)]
    pub(super) registration: RegistrationTable,
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
    toml::from_str(text).map_err(|error| {
        let place = error
            .span()
            .map_or(Place::Absent, |span| Place::File(span.start));
        let message = error.message().trim_end().replace('\n', "; ");
        let message = message.replace("expected u64", "expected a whole number");
        let mut problems = Problems::default();
        problems.add(&place, &message, remedy(&message));
        problems
    })
}

fn remedy(message: &str) -> &'static str {
    match message {
        unknown if unknown.starts_with("unknown field") => {
            "Use one of the keys listed, or remove this one"
        }
        unknown if unknown.starts_with("unknown variant") => "Use one of the values listed",
        missing if missing.starts_with("missing field") => "Add it to the table that starts here",
        wrong if wrong.starts_with("invalid type") => "Write a value of the expected type",
        wrong if wrong.starts_with("invalid value") => "Write a value of the expected kind",
        twice if twice.starts_with("duplicate key") => "Keep one of the two",
        _ => "Correct the TOML here; text values need quotes, and a table is written once",
    }
}
