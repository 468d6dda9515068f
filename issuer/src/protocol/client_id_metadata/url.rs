//! Which URLs documents are fetched from.

use std::fmt;

use dockgate_token::ClientId;
use url::{Host, Url};

use super::ClientIdMetadataPolicy;
use crate::protocol::redirect_uri::is_loopback;

/// A URL that a document may be fetched from (draft §3): a client id, or where the keys of a client are.
/// It is written as [`Url`] writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentUrl(Url);

impl DocumentUrl {
    /// Reads a URL; `None` for one that is not taken, or from a host that is not.
    pub fn parse(text: &str, policy: &ClientIdMetadataPolicy) -> Option<Self> {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))?;
        let (authority, path) = rest.split_once('/')?;
        let url = Url::parse(text).ok()?;
        // The parser takes more for a URL than others do; an id that it would write otherwise is two
        // ids to two readers.
        let plain = url.as_str() == text
            && url.username().is_empty()
            && url.password().is_none()
            && !authority.contains('@')
            && !text.contains(['#', '\\'])
            && !path.is_empty();
        let loopback = is_loopback(&url);
        let secure = url.scheme() == "https" || policy.allow_loopback;
        // The name of a host with a dot at its end is the same name to DNS, and another to this list.
        let host = url.host_str().filter(|host| !host.ends_with('.'))?;
        let allowed = match &policy.allowed_hosts {
            Some(hosts) => hosts.contains(host),
            None => true,
        };
        // http is for the machine itself; and there, nothing without the setting. Elsewhere strangers must
        // not choose which ports of other hosts the issuer knocks at.
        let reachable = if loopback {
            policy.allow_loopback
        } else {
            url.scheme() == "https" && url.port().is_none()
        };
        (plain && secure && reachable && allowed && !has_dot_segment(path)).then_some(Self(url))
    }

    /// Any URL, so that a test can see whether its port was connected to.
    #[cfg(test)]
    pub(crate) fn unchecked(text: &str) -> Self {
        Self(Url::parse(text).unwrap())
    }

    /// The URL, byte for byte.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the document is fetched with TLS.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether it is on the machine itself.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// The host.
    pub fn host(&self) -> Option<Host<&str>> {
        self.0.host()
    }

    /// The site that the host is of: its last two labels, as whoever has a name has any number of names
    /// below it. Without a list of what names are sold below, all of `co.uk` is one.
    pub fn site(&self) -> &str {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.host() {
            Some(Host::Domain(_)) => {
                let second = host.rmatch_indices('.').nth(1);
                second
                    .and_then(|(dot, _)| host.get(dot + 1..))
                    .unwrap_or(host)
            }
            _ => host,
        }
    }

    /// The port, also where it is that of the scheme.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// Host and port, as the `Host` header has them.
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// Path and query, as the request line has them.
    pub fn path_and_query(&self) -> &str {
        self.as_str()
            .get(self.0.origin().ascii_serialization().len()..)
            .unwrap_or("/")
    }
}

impl fmt::Display for DocumentUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a client that is not known otherwise is a document: no other kind of id that is given here looks
/// like a URL.
pub fn is_document(id: &ClientId) -> bool {
    let text = id.as_str();
    text.starts_with("https://") || text.starts_with("http://")
}

/// Draft §3: no single- or double-dot segments, however they are written.
fn has_dot_segment(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        segment == "." || segment == ".."
    })
}
