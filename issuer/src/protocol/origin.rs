//! Browser origins that may read responses (Fetch standard, CORS protocol).

use std::fmt;

use url::Url;

use super::redirect_uri::is_loopback;
use super::{ApplicationType, RedirectUri};

/// An origin, or for native clients a family of loopback origins that differ in their port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// This origin alone, as a browser serialises it.
    Exact(String),
    /// The origin's host on any port: follows from a loopback redirect URI (RFC 8252 §7.3).
    AnyPort {
        /// `http://` and the host.
        without_port: String,
    },
}

/// The text is not an origin as a browser would write it: scheme, host, and a port only where it
/// is not the scheme's own. `https`, or `http` of a loopback host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginError;

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "write an origin as browsers do, such as https://app.example or http://localhost:3000: no path, no slash at the end, http for loopback hosts alone",
        )
    }
}

impl std::error::Error for OriginError {}

impl AllowedOrigin {
    /// Takes an origin that is spelled as browsers do; anything else would never match.
    ///
    /// # Errors
    /// [`OriginError`].
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let url = Url::parse(text).map_err(|_| OriginError)?;
        let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        if safe && url.origin().ascii_serialization() == text {
            Ok(Self::Exact(text.to_owned()))
        } else {
            Err(OriginError)
        }
    }

    /// The origin from which a client's page at `uri` makes its requests; a private-use scheme has
    /// none.
    pub fn of_redirect_uri(uri: &RedirectUri, application: ApplicationType) -> Option<Self> {
        let url = uri.url();
        if application == ApplicationType::Native && uri.is_http_loopback() {
            return Some(Self::AnyPort {
                without_port: format!("http://{}", url.host_str()?),
            });
        }
        let origin = url.origin();
        origin
            .is_tuple()
            .then(|| Self::Exact(origin.ascii_serialization()))
    }

    /// Whether the value of an `Origin` header is allowed.
    pub fn matches(&self, origin: &str) -> bool {
        match self {
            Self::Exact(own) => own == origin,
            Self::AnyPort { without_port } => match origin.strip_prefix(without_port.as_str()) {
                Some("") => true,
                Some(rest) => rest.strip_prefix(':').is_some_and(is_port),
                None => false,
            },
        }
    }
}

fn is_port(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uri: &str, application: ApplicationType) -> Option<AllowedOrigin> {
        AllowedOrigin::of_redirect_uri(&RedirectUri::parse(uri, application).unwrap(), application)
    }

    #[test]
    fn a_web_redirect_uri_allows_its_own_origin_alone() {
        let origin = of("https://app.example/callback", ApplicationType::Web).unwrap();
        assert!(origin.matches("https://app.example"));
        for other in [
            "https://app.example:444",
            "http://app.example",
            "https://app.example.evil",
            "null",
            "",
        ] {
            assert!(!origin.matches(other), "{other}");
        }
    }

    #[test]
    fn a_native_loopback_redirect_uri_allows_its_host_on_any_port() {
        let origin = of("http://127.0.0.1/callback", ApplicationType::Native).unwrap();
        for same in [
            "http://127.0.0.1",
            "http://127.0.0.1:1",
            "http://127.0.0.1:65535",
        ] {
            assert!(origin.matches(same), "{same}");
        }
        for other in [
            "http://127.0.0.11",
            "http://127.0.0.1:65536",
            "http://127.0.0.1:",
            "http://127.0.0.1:1@evil.example",
            "http://localhost:1",
            "https://127.0.0.1:1",
            "http://127.0.0.1:+1",
        ] {
            assert!(!origin.matches(other), "{other}");
        }
    }

    #[test]
    fn a_private_scheme_has_no_origin() {
        assert_eq!(
            of("com.example.app:/callback", ApplicationType::Native),
            None
        );
    }

    #[test]
    fn a_configured_origin_is_spelled_as_browsers_do() {
        assert!(AllowedOrigin::parse("http://localhost:3000").is_ok());
        for text in [
            "https://app.example/",
            "https://app.example:443",
            "https://APP.example",
            "http://app.example",
            "*",
            "null",
            "app.example",
        ] {
            assert_eq!(AllowedOrigin::parse(text), Err(OriginError), "{text}");
        }
    }
}
