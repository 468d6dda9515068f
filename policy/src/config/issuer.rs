//! Trusted issuers.

use dockgate_token::{Algorithm, Issuer, IssuerError};
use serde::Deserialize;

use super::error::{At as _, ConfigError};
use super::token_profile::RawTokenProfile;
use crate::token_profile::TokenProfile;

/// An issuer whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct IssuerPolicy {
    /// What `iss` must be, byte for byte.
    pub identifier: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) clock_skew_seconds: u64,
    pub(crate) token_profile: TokenProfile,
    /// Where its keys come from.
    pub jwks: JwksSource,
}

/// A JWKS that is fetched through an Envoy cluster.
#[derive(Clone, Debug)]
pub struct JwksSource {
    /// The name of the Envoy cluster; it decides where the call goes and whether it uses TLS.
    pub cluster: String,
    /// The `Host` of the call.
    pub authority: String,
    /// The path of the call.
    pub path: String,
    /// How long a call may take, in milliseconds.
    pub timeout_milliseconds: u64,
    /// How long a good answer is used before it is asked for again, in seconds.
    pub refresh_seconds: u64,
    /// How long the last good answer serves while newer ones fail, in seconds.
    pub max_stale_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawIssuer {
    issuer: String,
    audiences: Vec<String>,
    jwks: RawJwks,
    /// All that are supported, unless narrowed.
    #[serde(default = "all_algorithms")]
    algorithms: Vec<Algorithm>,
    /// 0 to 300. 30 seconds is what clocks kept by NTP need with room to spare.
    #[serde(default = "default_clock_skew_seconds")]
    clock_skew_seconds: u64,
    /// For issuers whose access tokens are not as RFC 9068 says.
    #[serde(default)]
    token_profile: RawTokenProfile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawJwks {
    cluster: String,
    uri: String,
    /// 10 to 86 400. Five minutes bounds how long a withdrawn key is still believed.
    #[serde(default = "default_refresh_seconds")]
    refresh_seconds: u64,
    /// `refresh_seconds` to 604 800. A day outlasts most outages of an issuer.
    #[serde(default = "default_max_stale_seconds")]
    max_stale_seconds: u64,
    /// 100 to 60 000. Five seconds is what jose and jwks-rsa give a key server.
    #[serde(default = "default_timeout_milliseconds")]
    timeout_milliseconds: u64,
}

impl RawIssuer {
    pub(super) fn validate(self) -> Result<IssuerPolicy, ConfigError> {
        let identifier = trusted(self.issuer)?;
        if self.audiences.is_empty() {
            return Err(ConfigError::new(
                "audiences",
                "name at least one audience that tokens for this API have",
            ));
        }
        if let Some(index) = self.audiences.iter().position(String::is_empty) {
            return Err(ConfigError::new(
                format!("audiences[{index}]"),
                "an audience is not empty",
            ));
        }
        if self.algorithms.is_empty() {
            return Err(ConfigError::new(
                "algorithms",
                "name at least one, or leave the field out for all",
            ));
        }
        within("clock_skew_seconds", self.clock_skew_seconds, 0, 300)?;
        Ok(IssuerPolicy {
            identifier,
            audiences: self.audiences,
            algorithms: self.algorithms,
            clock_skew_seconds: self.clock_skew_seconds,
            token_profile: self.token_profile.validate().at("token_profile")?,
            jwks: self.jwks.validate().at("jwks")?,
        })
    }
}

impl RawJwks {
    fn validate(self) -> Result<JwksSource, ConfigError> {
        if self.cluster.is_empty() {
            return Err(ConfigError::new(
                "cluster",
                "name the Envoy cluster that the issuer is reached through",
            ));
        }
        let (authority, path) = split_uri(&self.uri).ok_or_else(|| {
            ConfigError::new(
                "uri",
                "write the whole URL, such as https://issuer.example/.well-known/jwks.json",
            )
        })?;
        within("refresh_seconds", self.refresh_seconds, 10, 86_400)?;
        within(
            "max_stale_seconds",
            self.max_stale_seconds,
            self.refresh_seconds,
            604_800,
        )?;
        within(
            "timeout_milliseconds",
            self.timeout_milliseconds,
            100,
            60_000,
        )?;
        Ok(JwksSource {
            authority,
            path,
            cluster: self.cluster,
            timeout_milliseconds: self.timeout_milliseconds,
            refresh_seconds: self.refresh_seconds,
            max_stale_seconds: self.max_stale_seconds,
        })
    }
}

/// An identifier as its issuer chose it, which is less strict than one for an issuer of our own: a
/// slash at the end (Auth0) and percent-escapes (Keycloak realms) are part of the name.
///
/// The origin is judged in full: it is what says whether the keys could be anybody's.
fn trusted(identifier: String) -> Result<String, ConfigError> {
    let authority_start = identifier.find("://").map_or(0, |scheme| scheme + 3);
    let path_start = identifier
        .bytes()
        .enumerate()
        .skip(authority_start)
        .find(|(_, byte)| *byte == b'/')
        .map_or(identifier.len(), |(at, _)| at);
    let (origin, path) = identifier
        .split_at_checked(path_start)
        .unwrap_or((&identifier, ""));
    let problem = match origin.parse::<Issuer>() {
        Err(error) => error.to_string(),
        Ok(_)
            if path
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"?#\"\\<>".contains(&byte)) =>
        {
            return Ok(identifier);
        }
        Ok(_) => IssuerError::NotPlain.to_string(),
    };
    Err(ConfigError::new("issuer", problem))
}

/// Splits `scheme://authority/path`; visible ASCII only, since both parts become header values.
fn split_uri(uri: &str) -> Option<(String, String)> {
    let rest = uri
        .strip_prefix("https://")
        .or_else(|| uri.strip_prefix("http://"))?;
    let (authority, path) = rest.split_once('/')?;
    let plain = rest.bytes().all(|byte| byte.is_ascii_graphic());
    (plain && !authority.is_empty()).then(|| (authority.to_owned(), format!("/{path}")))
}

fn within(field: &str, value: u64, min: u64, max: u64) -> Result<(), ConfigError> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(ConfigError::new(
            field,
            format!("{value} is out of range: use {min} to {max}"),
        ))
    }
}

fn all_algorithms() -> Vec<Algorithm> {
    Algorithm::ALL.to_vec()
}

fn default_clock_skew_seconds() -> u64 {
    30
}

fn default_refresh_seconds() -> u64 {
    300
}

fn default_max_stale_seconds() -> u64 {
    86_400
}

fn default_timeout_milliseconds() -> u64 {
    5_000
}
