//! Where an issuer's keys come from, and how often they are asked for.

use std::sync::Arc;

use dockgate_token::Issuer;
use serde::Deserialize;
use serde_json::Value;

use super::error::{At as _, ConfigError};
use crate::UnixSeconds;
use crate::keys::KeySet;

/// Where an issuer's keys come from.
#[derive(Clone, Debug)]
pub enum JwksSource {
    /// They are fetched, again and again.
    Remote(RemoteJwks),
    /// They stand in the configuration and change with it alone.
    Inline(Arc<KeySet>),
}

/// A JWKS that is fetched through an Envoy cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteJwks {
    /// The name of the Envoy cluster; it decides where the calls go and whether they use TLS.
    pub cluster: String,
    /// What is asked for there.
    pub location: JwksLocation,
    /// How long one call may take, in milliseconds.
    pub timeout_milliseconds: u64,
    /// How long a good answer is used at most before it is asked for again, in seconds.
    pub refresh_seconds: u64,
    /// How long a good answer is used at least, in seconds, whatever the issuer says.
    pub min_refresh_seconds: u64,
    /// How long the last good answer serves while newer ones fail, in seconds.
    pub max_stale_seconds: u64,
}

/// How the JWKS is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JwksLocation {
    /// It is here.
    Uri(Location),
    /// The issuer's metadata says where it is (RFC 8414 §3, OpenID Connect Discovery §4).
    Discovered(Discovery),
}

/// What is needed to find a JWKS through metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// What the metadata must call the issuer, byte for byte (RFC 8414 §3.3).
    pub(crate) issuer: String,
    /// The metadata of RFC 8414, at the path-inserted form of its §3.1.
    pub(crate) oauth: Location,
    /// The metadata of OpenID Connect Discovery §4, at the appended form.
    pub(crate) openid: Location,
    /// Authorities beside the issuer's own that `jwks_uri` may name.
    pub(crate) allow_authorities: Vec<String>,
}

/// What a call asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Its `:authority`.
    pub authority: String,
    /// Its `:path`.
    pub path: String,
}

impl RemoteJwks {
    /// How long all calls of one fetch can take, in seconds, with time to spare.
    pub(crate) fn longest_fetch_seconds(&self) -> u64 {
        let calls = match self.location {
            JwksLocation::Uri(_) => 1,
            JwksLocation::Discovered(_) => 3,
        };
        (calls * self.timeout_milliseconds).div_ceil(1_000) + 5
    }

    /// When keys of this age must be fetched again, at the latest.
    pub(crate) fn refresh_at(&self, fetched_at: UnixSeconds) -> UnixSeconds {
        fetched_at.saturating_add(self.refresh_seconds)
    }
}

impl Location {
    /// Splits `scheme://authority/path`; visible ASCII only, since both parts become header values, and
    /// no fragment, which is not sent (RFC 9110 §7.1). The authority is a host and perhaps a port: with
    /// user information it would name another host than it seems to (RFC 3986 §7.6).
    fn of_uri(uri: &str) -> Option<Self> {
        let rest = uri
            .strip_prefix("https://")
            .or_else(|| uri.strip_prefix("http://"))?;
        let (authority, path) = rest.split_once('/')?;
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"#\"\\<>".contains(&byte);
        // An issuer's identifier leaves its default port out; here it may be written.
        let without = authority.strip_suffix(":443");
        let names_default = without.is_some_and(|host| is_host(&format!("{host}:80")));
        (rest.bytes().all(plain) && (names_default || is_host(authority))).then(|| Self {
            authority: authority.to_owned(),
            path: format!("/{path}"),
        })
    }
}

impl Discovery {
    /// `issuer` has been judged by its own rules before.
    fn new(issuer: &str, allow_authorities: Vec<String>) -> Self {
        let (origin, path) = split_origin(issuer);
        let (_, authority) = origin.split_once("://").unwrap_or(("", origin));
        // Both documents: "any terminating / MUST be removed" first.
        let path = path.strip_suffix('/').unwrap_or(path);
        let at = |path: String| Location {
            authority: authority.to_owned(),
            path,
        };
        Self {
            issuer: issuer.to_owned(),
            oauth: at(format!("/.well-known/oauth-authorization-server{path}")),
            openid: at(format!("{path}/.well-known/openid-configuration")),
            allow_authorities,
        }
    }

    /// Where `jwks_uri` points, if it may point there: `https`, or `http` on a loopback host, at the
    /// issuer's own origin or at an authority that the configuration lists. A document that names
    /// another place would choose for us whom we ask (RFC 8414 §6.2).
    pub(crate) fn admit(&self, jwks_uri: &str) -> Option<Location> {
        let (origin, _) = split_origin(jwks_uri);
        origin.parse::<Issuer>().ok()?;
        let location = Location::of_uri(jwks_uri)?;
        let own = origin.eq_ignore_ascii_case(split_origin(&self.issuer).0);
        let listed = || {
            self.allow_authorities
                .iter()
                .any(|listed| listed.eq_ignore_ascii_case(&location.authority))
        };
        (own || listed()).then_some(location)
    }
}

/// Splits a URL before its path: `https://a/b` into `https://a` and `/b`.
pub(super) fn split_origin(url: &str) -> (&str, &str) {
    let authority_start = url.find("://").map_or(0, |scheme| scheme + 3);
    let path_start = url
        .bytes()
        .enumerate()
        .skip(authority_start)
        .find(|(_, byte)| *byte == b'/')
        .map_or(url.len(), |(at, _)| at);
    url.split_at_checked(path_start).unwrap_or((url, ""))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawJwks {
    /// For keys that are fetched.
    cluster: Option<String>,
    /// One of three: the JWKS is here,
    uri: Option<String>,
    /// … the issuer's metadata says where it is,
    #[serde(default)]
    discover: bool,
    /// … or this is the JWKS, as JSON text or as an object.
    inline: Option<Value>,
    /// With `discover`: authorities beside the issuer's own that `jwks_uri` may name.
    #[serde(default)]
    allow_authorities: Vec<String>,
    refresh_seconds: Option<u64>,
    min_refresh_seconds: Option<u64>,
    max_stale_seconds: Option<u64>,
    timeout_milliseconds: Option<u64>,
}

impl RawJwks {
    pub(super) fn validate(self, issuer: &str) -> Result<JwksSource, ConfigError> {
        match (&self.uri, self.discover, &self.inline) {
            (None, false, Some(set)) => {
                let keys = inline(set).at("inline")?;
                self.has_nothing_to_fetch()?;
                Ok(JwksSource::Inline(Arc::new(keys)))
            }
            (Some(uri), false, None) => {
                let location = Location::of_uri(uri).ok_or_else(|| {
                    ConfigError::new(
                        "uri",
                        "write the whole URL, a host or host:port in it and no fragment, such as https://issuer.example/.well-known/jwks.json",
                    )
                })?;
                if !self.allow_authorities.is_empty() {
                    return Err(ConfigError::new(
                        "allow_authorities",
                        "it is for `discover` alone",
                    ));
                }
                self.remote(JwksLocation::Uri(location))
            }
            (None, true, None) => {
                if let Some(index) = self.allow_authorities.iter().position(|own| !is_host(own)) {
                    return Err(ConfigError::new(
                        format!("allow_authorities[{index}]"),
                        "write a host, or host:port, such as keys.example",
                    ));
                }
                let discovery = Discovery::new(issuer, self.allow_authorities.clone());
                self.remote(JwksLocation::Discovered(discovery))
            }
            _ => Err(ConfigError::new(
                "",
                "give exactly one of uri, discover and inline",
            )),
        }
    }

    fn remote(self, location: JwksLocation) -> Result<JwksSource, ConfigError> {
        let cluster = self
            .cluster
            .filter(|name| !name.is_empty())
            .ok_or_else(|| {
                ConfigError::new(
                    "cluster",
                    "name the Envoy cluster that the issuer is reached through",
                )
            })?;
        let refresh = within(
            "refresh_seconds",
            self.refresh_seconds,
            DEFAULT_REFRESH_SECONDS,
            10,
            86_400,
        )?;
        let min_refresh = within(
            "min_refresh_seconds",
            self.min_refresh_seconds,
            DEFAULT_MIN_REFRESH_SECONDS.min(refresh),
            10,
            refresh,
        )?;
        let max_stale = within(
            "max_stale_seconds",
            self.max_stale_seconds,
            DEFAULT_MAX_STALE_SECONDS,
            refresh,
            604_800,
        )?;
        let timeout = within(
            "timeout_milliseconds",
            self.timeout_milliseconds,
            DEFAULT_TIMEOUT_MILLISECONDS,
            100,
            60_000,
        )?;
        Ok(JwksSource::Remote(RemoteJwks {
            cluster,
            location,
            timeout_milliseconds: timeout,
            refresh_seconds: refresh,
            min_refresh_seconds: min_refresh,
            max_stale_seconds: max_stale,
        }))
    }

    /// A setting that would do nothing is a mistake somewhere.
    fn has_nothing_to_fetch(&self) -> Result<(), ConfigError> {
        let idle = [
            ("cluster", self.cluster.is_some()),
            ("allow_authorities", !self.allow_authorities.is_empty()),
            ("refresh_seconds", self.refresh_seconds.is_some()),
            ("min_refresh_seconds", self.min_refresh_seconds.is_some()),
            ("max_stale_seconds", self.max_stale_seconds.is_some()),
            ("timeout_milliseconds", self.timeout_milliseconds.is_some()),
        ];
        match idle.into_iter().find(|(_, given)| *given) {
            None => Ok(()),
            Some((field, _)) => Err(ConfigError::new(
                field,
                "inline keys are not fetched: leave it out",
            )),
        }
    }
}

/// Whoever writes keys down means each of them, so unlike in a fetched set none is passed over.
fn inline(set: &Value) -> Result<KeySet, ConfigError> {
    let document = match set {
        Value::String(text) => text.clone(),
        Value::Object(_) => set.to_string(),
        _ => {
            return Err(ConfigError::new(
                "",
                "write the JWKS as JSON text or as an object",
            ));
        }
    };
    match KeySet::parse(document.as_bytes()) {
        Err(error) => Err(ConfigError::new("", error.to_string())),
        Ok((keys, skipped)) => match skipped.first() {
            None => Ok(keys),
            Some(key) => Err(ConfigError::new(
                format!("keys[{}]", key.position),
                format!("{}: leave it out", key.fault),
            )),
        },
    }
}

fn is_host(authority: &str) -> bool {
    !authority.contains('/') && format!("https://{authority}").parse::<Issuer>().is_ok()
}

fn within(
    field: &str,
    value: Option<u64>,
    default: u64,
    min: u64,
    max: u64,
) -> Result<u64, ConfigError> {
    let given = value.unwrap_or(default.clamp(min, max));
    if (min..=max).contains(&given) {
        Ok(given)
    } else {
        Err(ConfigError::new(
            field,
            format!("{given} is out of range: use {min} to {max}"),
        ))
    }
}

/// Five minutes bounds how long a withdrawn key is still believed.
pub(crate) const DEFAULT_REFRESH_SECONDS: u64 = 300;
/// Some issuers say `no-cache` of keys that change once a month; one call a minute hurts none.
const DEFAULT_MIN_REFRESH_SECONDS: u64 = 60;
/// A day outlasts most outages of an issuer.
pub(crate) const DEFAULT_MAX_STALE_SECONDS: u64 = 86_400;
/// Five seconds is what jose and jwks-rsa give a key server.
const DEFAULT_TIMEOUT_MILLISECONDS: u64 = 5_000;

#[cfg(test)]
mod tests;
