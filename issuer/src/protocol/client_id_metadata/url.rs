//! Which client ids are URLs of documents.

use std::fmt;

use dockgate_token::ClientId;
use url::{Host, Url};

use super::ClientIdMetadataPolicy;
use crate::protocol::redirect_uri::is_loopback;

/// A client id that a document may be fetched from (draft §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdUrl {
    id: ClientId,
    url: Url,
}

impl ClientIdUrl {
    /// Reads an id; `None` for one that is no such URL or from a host that is not taken.
    pub fn parse(id: &ClientId, policy: &ClientIdMetadataPolicy) -> Option<Self> {
        let text = id.as_str();
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))?;
        let (_, path) = rest.split_once('/')?;
        let url = Url::parse(text).ok()?;
        // The parser takes more for a URL than others do; an id that it would write otherwise is two
        // ids to two readers.
        let plain = url.as_str() == text
            && url.username().is_empty()
            && url.password().is_none()
            && !text.contains(['#', '@', '\\'])
            && !path.is_empty();
        let loopback = is_loopback(&url);
        let secure = url.scheme() == "https" || policy.allow_loopback;
        let host = url.host_str()?;
        let allowed = match &policy.allowed_hosts {
            Some(hosts) => hosts.contains(host),
            None => true,
        };
        // http is for the machine itself; and there, nothing without the setting.
        let reachable = if loopback {
            policy.allow_loopback
        } else {
            url.scheme() == "https"
        };
        (plain && secure && reachable && allowed && !has_dot_segment(path)).then(|| Self {
            id: id.clone(),
            url,
        })
    }

    /// The id, byte for byte.
    pub fn id(&self) -> &ClientId {
        &self.id
    }

    /// Whether the document is fetched with TLS.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it is on the machine itself.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The host.
    pub fn host(&self) -> Option<Host<&str>> {
        self.url.host()
    }

    /// The port, also where it is that of the scheme.
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(443)
    }

    /// Host and port, as the `Host` header has them.
    pub fn authority(&self) -> &str {
        self.url.authority()
    }

    /// Path and query, as the request line has them.
    pub fn path_and_query(&self) -> &str {
        self.url
            .as_str()
            .get(self.url.origin().ascii_serialization().len()..)
            .unwrap_or("/")
    }
}

impl fmt::Display for ClientIdUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

/// Draft §3: no single- or double-dot segments, however they are written.
fn has_dot_segment(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        segment == "." || segment == ".."
    })
}
