//! The configuration: one TOML file, read and checked as a whole before anything starts.
//!
//! Each concern has a file of its own: its table as it is written, its defaults with their reasons,
//! and its checks. Every mistake is reported, not only the first, with its line and what to write
//! instead. `environment.rs` lists the variables that override single values.

pub mod additions;
mod bounds;
mod client_authentication;
mod clients;
mod demo;
mod environment;
mod error;
mod file;
mod grants;
mod issuer;
mod key_sets;
mod keys;
mod listen;
mod located;
mod log;
mod password_hash;
mod passwords;
mod redirects;
mod registration;
mod resource_servers;
mod secret;
mod store;
mod tokens;
mod trusted_issuers;
mod trusted_proxies;
mod users;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::Path;

use self::error::Problems;
use self::file::File;
use crate::protocol::{AuthorizationServer, Clients};

pub use self::error::ConfigError;
pub use self::keys::Keys;
pub use self::listen::Listen;
pub use self::log::{Log, LogFormat, LogLevel};
pub use self::passwords::PasswordLimits;
pub use self::store::Store;

/// A configuration without a mistake.
#[derive(Clone, Debug)]
pub struct Config {
    /// The two listeners and their limits.
    pub listen: Listen,
    /// Where state is kept.
    pub store: Store,
    /// What is logged.
    pub log: Log,
    /// How the keys are published.
    pub keys: Keys,
    /// How many passwords are checked at once.
    pub passwords: PasswordLimits,
    /// Issuer, resource servers, clients and users.
    pub server: AuthorizationServer,
    /// What is allowed but unwise, one sentence each; for the log at start.
    pub warnings: Vec<String>,
}

/// Reads and checks a configuration file; `variables` is the environment.
///
/// # Errors
/// [`ConfigError`] with every mistake found. A file that is no TOML, or that has an unknown key or
/// a value of the wrong type, is reported for the first of these alone.
pub fn load(
    path: &Path,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let text = read(path)?;
    parse(path, &text, variables)
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
    let directory = path.parent().unwrap_or(Path::new(""));
    let config = check(file, directory, &mut problems, &mut warnings);
    match config {
        Some(config) if problems.is_empty() => Ok(Config { warnings, ..config }),
        _ => Err(ConfigError::new(path, text, problems)),
    }
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
    let lifetimes = file.tokens.check(problems);
    let keys = file.keys.check(problems);
    let passwords = file.passwords.check(problems);
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
    let registration =
        file.registration
            .check(&resource_servers, &clients, &secrets, problems, warnings);
    let server = AuthorizationServer {
        issuer: issuer?,
        lifetimes,
        resource_servers,
        clients,
        users,
        trusted_issuers,
        registration,
    };
    Some(Config {
        listen: listen?,
        store,
        log,
        keys,
        passwords,
        server,
        warnings: Vec::new(),
    })
}
