//! Redirect URIs, as registered.

use std::fmt;

use url::form_urlencoded::byte_serialize;
use url::{Host, Url};

use super::ApplicationType;

/// A redirect URI that is safe to send a code to. Kept as it was written: comparison is of text
/// (RFC 9700 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    parsed: Url,
}

/// Why a text may not be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectUriError {
    /// It is no absolute URI.
    NotAbsolute,
    /// It has a byte that no URI has, or user information.
    NotPlain,
    /// It has a fragment (RFC 6749 §3.1.2).
    Fragment,
    /// It is `http` and the host is not loopback.
    InsecureHost,
    /// It has a scheme that is neither `https` nor an application's own.
    Scheme,
}

impl fmt::Display for RedirectUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "it is no absolute URI; write the whole URI, https:// and all",
            Self::NotPlain => {
                "it has user information, a wildcard, or a character that URIs do not have; write the exact URI"
            }
            Self::Fragment => "it has a fragment (RFC 6749 §3.1.2); remove the # and what follows",
            Self::InsecureHost => "http is for loopback hosts alone; use https",
            Self::Scheme => {
                "its scheme is not allowed; use https, or for a native client a scheme of your own with a dot in it, such as com.example.app (RFC 8252 §7.1)"
            }
        })
    }
}

impl std::error::Error for RedirectUriError {}

impl RedirectUri {
    /// Checks a redirect URI for registration.
    ///
    /// # Errors
    /// [`RedirectUriError`]: `https` to any host, `http` to a loopback host, or for native clients
    /// a private-use scheme with a dot in it (RFC 8252 §7.1), without fragment or user information.
    pub fn parse(text: &str, application: ApplicationType) -> Result<Self, RedirectUriError> {
        // The parser drops tabs and line breaks and turns `\` into `/`; compared as text, such a
        // URI would mean something else to a browser.
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}*".contains(&byte))
        {
            return Err(RedirectUriError::NotPlain);
        }
        let parsed = Url::parse(text).map_err(|_| RedirectUriError::NotAbsolute)?;
        if text.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(RedirectUriError::NotPlain);
        }
        match parsed.scheme() {
            // The parser also takes `https:host` and `https:/host`.
            "https" | "http" if !has_authority(text) => return Err(RedirectUriError::NotAbsolute),
            "https" => {}
            "http" if is_loopback(&parsed) => {}
            "http" => return Err(RedirectUriError::InsecureHost),
            scheme if application == ApplicationType::Native && scheme.contains('.') => {}
            _ => return Err(RedirectUriError::Scheme),
        }
        Ok(Self {
            text: text.to_owned(),
            parsed,
        })
    }

    /// The URI as it was registered.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where a request may go that names `requested`: exactly this URI (RFC 9700 §4.1.3), or for a
    /// native client its loopback URI with another port (RFC 8252 §7.3).
    pub(super) fn target(
        &self,
        requested: &str,
        application: ApplicationType,
    ) -> Option<RedirectTarget> {
        let same = self.text == requested
            || (application == ApplicationType::Native
                && self.is_http_loopback()
                && differs_in_port_alone(&self.text, requested));
        same.then(|| RedirectTarget(requested.to_owned()))
    }

    /// The URI's parts.
    pub(super) fn url(&self) -> &Url {
        &self.parsed
    }

    /// Whether it is an `http` URI of a loopback host, of which a native client may vary the port
    /// (RFC 8252 §7.3).
    pub fn is_http_loopback(&self) -> bool {
        self.parsed.scheme() == "http" && is_loopback(&self.parsed)
    }
}

/// Whose a redirect URI is, for people: the host, with its port where it has one, or the application's
/// own scheme.
pub(super) fn shown_host(uri: &str) -> String {
    let Ok(url) = Url::parse(uri) else {
        return uri.to_owned();
    };
    match (url.host_str(), url.port()) {
        (None, _) => format!("{}:", url.scheme()),
        (Some(host), None) => host.to_owned(),
        (Some(host), Some(port)) => format!("{host}:{port}"),
    }
}

/// A URI that a client has registered, with what is to be said there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RedirectTarget(String);

impl RedirectTarget {
    /// The URI.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, with its port where it has one, or the application's own scheme.
    pub(super) fn host(&self) -> String {
        shown_host(&self.0)
    }

    /// Adds a parameter; what the registered URI has in its query stays (RFC 6749 §3.1.2).
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        match self.0.split_once('?') {
            None => self.0.push('?'),
            Some((_, "")) => {}
            Some(_) => self.0.push('&'),
        }
        self.0.extend(byte_serialize(name.as_bytes()));
        self.0.push('=');
        self.0.extend(byte_serialize(value.as_bytes()));
        self
    }
}

/// Whether two URIs of the scheme `http` are the same text but for the port.
fn differs_in_port_alone(registered: &str, requested: &str) -> bool {
    let (Some(own), Some(other)) = (around_port(registered), around_port(requested)) else {
        return false;
    };
    own == other
}

/// What is before the port and what is after it.
fn around_port(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at_checked(end)?;
    // The colons of an IPv6 address are within brackets.
    let host_end = authority.rfind(']').unwrap_or(0);
    let (_, tail) = authority.split_at_checked(host_end)?;
    match tail.rsplit_once(':') {
        None => Some((authority, after)),
        Some((_, port)) => {
            let digits = port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
            (digits && port.parse::<u16>().is_ok()).then_some(())?;
            let host = authority.strip_suffix(port)?.strip_suffix(':')?;
            Some((host, after))
        }
    }
}

fn has_authority(text: &str) -> bool {
    text.split_once("://")
        .is_some_and(|(_, rest)| !rest.starts_with('/'))
}

/// Whether the host is `localhost` or a loopback address.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
