//! Trusted issuers.

use dockgate_token::{Algorithm, Issuer, IssuerError};
use serde::Deserialize;

use super::error::{At as _, ConfigError};
use super::jwks::{JwksSource, RawJwks, split_origin};
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
            jwks: self.jwks.validate(&identifier).at("jwks")?,
            identifier,
            audiences: self.audiences,
            algorithms: self.algorithms,
            clock_skew_seconds: self.clock_skew_seconds,
            token_profile: self.token_profile.validate().at("token_profile")?,
        })
    }
}

/// An identifier as its issuer chose it, which is less strict than one for an issuer of our own: a
/// slash at the end (Auth0) and percent-escapes (Keycloak realms) are part of the name.
///
/// The origin is judged in full: it is what says whether the keys could be anybody's.
fn trusted(identifier: String) -> Result<String, ConfigError> {
    let (origin, path) = split_origin(&identifier);
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
    DEFAULT_CLOCK_SKEW_SECONDS
}

/// What clocks that are kept by NTP need, with room to spare.
pub(crate) const DEFAULT_CLOCK_SKEW_SECONDS: u64 = 30;
