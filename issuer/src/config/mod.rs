//! The configuration: one TOML file, read and checked as a whole before anything starts.
//!
//! Each concern has a file of its own: its table as it is written, its defaults with their reasons,
//! and its checks. Every mistake is reported, not only the first, with its line and what to write
//! instead. `environment.rs` lists the variables that override single values.

pub mod additions;
mod audit;
mod bounds;
mod client_authentication;
mod client_id_metadata;
mod clients;
mod demo;
mod environment;
mod error;
mod file;
mod fixed;
mod grants;
mod issuer;
mod key_encryption;
mod key_sets;
mod keys;
mod listen;
mod located;
mod log;
mod mistake;
mod pages;
mod password_hash;
mod passwords;
mod redirects;
mod registration;
mod resource_servers;
mod secret;
mod shape;
mod store;
mod tokens;
mod tracing;
mod trusted_issuers;
mod trusted_proxies;
mod users;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use self::error::Problems;
use self::file::File;
use self::fixed::Places;
use crate::pages::Brand;
use crate::protocol::{AuthorizationServer, Clients};
use crate::store::AuditLimits;

pub use self::error::ConfigError;
pub use self::fixed::Fixed;
pub use self::keys::Keys;
pub use self::listen::Listen;
pub use self::log::{Log, LogFormat, LogLevel};
pub use self::mistake::{Mistake, Position};
pub use self::passwords::PasswordLimits;
pub use self::store::Store;
pub use self::tracing::{OtlpEndpoint, Tracing};

/// A configuration without a mistake.
#[derive(Clone, Debug)]
pub struct Config {
    /// The two listeners and their limits.
    pub listen: Listen,
    /// Where state is kept.
    pub store: Store,
    /// What is logged.
    pub log: Log,
    /// What is traced, and where it goes.
    pub tracing: Tracing,
    /// How much of the audit log is kept.
    pub audit: AuditLimits,
    /// How the keys are published, how long they live and how they are kept.
    pub keys: Keys,
    /// How many passwords are checked at once.
    pub passwords: PasswordLimits,
    /// What the pages show of whose they are.
    pub brand: Brand,
    /// Issuer, resource servers, clients and users.
    pub server: AuthorizationServer,
    /// What is allowed but unwise, one sentence each; for the log at start.
    pub warnings: Vec<String>,
    /// Where the settings stand that count until the next start.
    places: Places,
}

impl Config {
    /// The settings that count until the next start.
    pub fn fixed(&self) -> Fixed {
        Fixed::of(self)
    }
}

/// Reads and checks a configuration file; `variables` is the environment.
///
/// # Errors
/// [`ConfigError`] with every mistake found. In a file that is no TOML, the first; in one with unknown
/// keys or values of a wrong type, these alone, since nothing is known of the rest.
pub fn load(
    path: &Path,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let text = read(path)?;
    parse(path, &text, variables)
}

/// Reads where the store is, and checks no more than that takes: the running issuer is to say what
/// is wrong with the rest.
///
/// # Errors
/// As for [`load`].
pub fn load_store_path(
    path: &Path,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<PathBuf, ConfigError> {
    let text = read(path)?;
    let mut file = File::parse(path, &text)?;
    let mut problems = Problems::default();
    environment::apply(&mut file, variables, &mut problems);
    let store = file.store.check(directory_of(path), &mut problems);
    match problems.is_empty() {
        true => Ok(store.path),
        false => Err(ConfigError::new(path, &text, problems)),
    }
}

/// Reads where the operations listener is, and checks no more than that takes: a health check runs
/// every few seconds.
///
/// # Errors
/// As for [`load`].
pub fn load_ops_address(
    path: &Path,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<SocketAddr, ConfigError> {
    let text = read(path)?;
    let mut file = File::parse(path, &text)?;
    let mut problems = Problems::default();
    environment::apply(&mut file, variables, &mut problems);
    match file.listen.check(&mut problems) {
        Some(listen) if problems.is_empty() => Ok(listen.ops),
        _ => Err(ConfigError::new(path, &text, problems)),
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|error| ConfigError::unreadable(path, &error.to_string()))
}

/// [`load`] for a text that was read from `path` already.
///
/// # Errors
/// As for [`load`].
pub fn parse(
    path: &Path,
    text: &str,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut file = File::parse(path, text)?;
    let mut problems = Problems::default();
    let mut warnings = environment::apply(&mut file, variables, &mut problems);
    let places = Places::of(&file, path, text);
    let config = check(file, directory_of(path), &mut problems, &mut warnings);
    match config {
        Some(config) if problems.is_empty() => Ok(Config {
            warnings,
            places,
            ..config
        }),
        _ => Err(ConfigError::new(path, text, problems)),
    }
}

/// What the paths in a file are relative to.
fn directory_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Checks every concern, also when an earlier one has a mistake.
fn check(
    file: File,
    directory: &Path,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Option<Config> {
    let issuer = issuer::check(file.issuer, problems);
    warnings.extend(trusted_proxies::warning(&file.listen));
    let listen = file.listen.check(problems);
    let store = file.store.check(directory, problems);
    let log = file.log.check();
    let tracing = file.tracing.check(problems);
    let audit = file.audit.check(problems);
    let lifetimes = file.tokens.check(problems);
    let keys = file.keys.check(&lifetimes, problems, warnings);
    let passwords = file.passwords.check(problems);
    let brand = file.pages.check(directory, problems);
    let resource_servers = resource_servers::check(file.resource_servers, problems);
    let secrets = secret::Rules::new(issuer.as_ref(), directory);
    let clients: Clients = clients::check(
        file.clients,
        &resource_servers,
        &secrets,
        problems,
        warnings,
    )
    .into();
    let users = users::check(file.users, &clients, &resource_servers, &secrets, problems);
    let trusted_issuers = trusted_issuers::check(
        file.trusted_issuers,
        &trusted_issuers::Known {
            issuer: issuer.as_ref(),
            directory,
            clients: &clients,
            servers: &resource_servers,
            users: &users,
        },
        problems,
    );
    let registration = file.registration.check(
        file.initial_access_tokens,
        &registration::Known {
            servers: &resource_servers,
            clients: &clients,
            secrets: &secrets,
        },
        problems,
        warnings,
    );
    let client_id_metadata = file.client_id_metadata.check(
        &registration::Known {
            servers: &resource_servers,
            clients: &clients,
            secrets: &secrets,
        },
        problems,
    );
    let server = AuthorizationServer {
        issuer: issuer?,
        lifetimes,
        resource_servers,
        clients,
        users,
        trusted_issuers,
        registration,
        client_id_metadata,
    };
    Some(Config {
        listen: listen?,
        store,
        log,
        tracing,
        audit,
        keys,
        passwords,
        brand,
        server,
        warnings: Vec::new(),
        places: Places::default(),
    })
}
