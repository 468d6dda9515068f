//! Newtypes for the identifiers that both sides compare. Comparison is always byte for byte.

use std::fmt;
use std::str::FromStr;

/// Declares a string newtype that shows and (de)serialises as its text.
macro_rules! string_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        pub struct $name(String);

        impl $name {
            /// The identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

string_newtype! {
    /// An issuer identifier: an `https` URL, or an `http` URL of a loopback host, without query and
    /// fragment (RFC 8414 §2). Compared as text, never normalised (RFC 8725 §3.8), so it has no
    /// second spelling that a client or a proxy could turn it into.
    Issuer
}

string_newtype! {
    /// A client identifier: 1 to 255 visible ASCII characters or spaces (RFC 6749 Appendix A.1).
    ClientId
}

string_newtype! {
    /// The name of a key in a JWKS (RFC 7517 §4.5): 1 to 255 bytes.
    KeyId
}

/// Why a text is no [`Issuer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssuerError {
    /// It is neither `https://…` nor `http://…`.
    NotHttp,
    /// It is `http` and its host is not `localhost`, `127.0.0.1` or `[::1]`.
    InsecureHost,
    /// It has a query, a fragment, user information, or a byte that no URL has.
    NotPlain,
    /// It has no host, or a port that is no number.
    NoHost,
    /// It ends with `/`, so that clients would see two spellings of one issuer.
    TrailingSlash,
    /// It spells out the port that its scheme has anyway; URL parsers leave that out.
    DefaultPort,
    /// It has an empty segment, a dot segment or a percent-escape: whoever normalises such a path
    /// asks for another one.
    UnstablePath,
}

impl fmt::Display for IssuerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotHttp => "an issuer is a URL that starts with https://",
            Self::InsecureHost => {
                "an http issuer must be loopback (localhost, 127.0.0.1 or [::1]); use https"
            }
            Self::NotPlain => "an issuer has no query, fragment, user information or space",
            Self::NoHost => "an issuer names a host and at most one numeric port",
            Self::TrailingSlash => "write the issuer without the slash at its end",
            Self::DefaultPort => {
                "an issuer leaves out the default port (:443 with https, :80 with http)"
            }
            Self::UnstablePath => {
                "an issuer's path has no empty segment, no dot segment and no percent sign"
            }
        })
    }
}

impl std::error::Error for IssuerError {}

impl Issuer {
    /// The part before the path: scheme, host and port.
    pub fn origin(&self) -> &str {
        self.0
            .split_at_checked(self.path_start())
            .map_or("", |(origin, _)| origin)
    }

    /// The part after the origin: empty, or a path that starts with `/`.
    pub fn path(&self) -> &str {
        self.0
            .split_at_checked(self.path_start())
            .map_or("", |(_, path)| path)
    }

    /// Whether the host is `localhost`, `127.0.0.1` or `[::1]`.
    pub fn is_loopback(&self) -> bool {
        let authority = self
            .origin()
            .split_once("://")
            .map_or("", |(_, authority)| authority);
        is_loopback_host(host_of(authority).0)
    }

    fn path_start(&self) -> usize {
        let authority_start = self.0.find("://").map_or(0, |scheme| scheme + 3);
        self.0
            .bytes()
            .enumerate()
            .skip(authority_start)
            .find(|(_, byte)| *byte == b'/')
            .map_or(self.0.len(), |(index, _)| index)
    }
}

impl FromStr for Issuer {
    type Err = IssuerError;

    fn from_str(text: &str) -> Result<Self, IssuerError> {
        let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(IssuerError::NotHttp),
        };
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#@\\\"<>^`{|}".contains(&byte);
        if !rest.bytes().all(plain) {
            return Err(IssuerError::NotPlain);
        }
        if rest.ends_with('/') {
            return Err(IssuerError::TrailingSlash);
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, port) = host_of(authority);
        if !is_host(host) || !port.is_none_or(is_port) {
            return Err(IssuerError::NoHost);
        }
        if !secure && !is_loopback_host(host) {
            return Err(IssuerError::InsecureHost);
        }
        if port == Some(if secure { "443" } else { "80" }) {
            return Err(IssuerError::DefaultPort);
        }
        if rest.contains('%') || rest.split('/').skip(1).any(changes_when_normalised) {
            return Err(IssuerError::UnstablePath);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Colons are for addresses in brackets alone (RFC 3986 §3.2.2): `a:80:443` has two ports.
fn is_host(text: &str) -> bool {
    let is_bracketed = text.starts_with('[') && text.ends_with(']');
    !text.is_empty() && (is_bracketed || !text.contains(':'))
}

/// A number as URL parsers write it: no sign, no zeros in front.
fn is_port(text: &str) -> bool {
    text.parse::<u16>()
        .is_ok_and(|port| port.to_string() == text)
}

/// Some servers cut `;` and what follows off before they look for dot segments.
fn changes_when_normalised(segment: &str) -> bool {
    let name = segment.split(';').next().unwrap_or_default();
    segment.is_empty() || matches!(name, "." | "..")
}

/// Splits `host[:port]`; an IPv6 literal keeps its brackets.
fn host_of(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn is_loopback_host(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// The text is empty, too long, or has a byte that the identifier may not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentifierError;

impl fmt::Display for IdentifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected 1 to 255 printable ASCII characters")
    }
}

impl std::error::Error for IdentifierError {}

impl FromStr for ClientId {
    type Err = IdentifierError;

    /// `client-id = *VSCHAR` (RFC 6749 Appendix A.1); the empty one names nobody.
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let printable = text.bytes().all(|byte| matches!(byte, 0x20..=0x7E));
        if text.is_empty() || text.len() > MAX_IDENTIFIER_BYTES || !printable {
            return Err(IdentifierError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for KeyId {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        if text.is_empty() || text.len() > MAX_IDENTIFIER_BYTES {
            return Err(IdentifierError);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Long enough for any identifier seen in the field, short enough for a log line.
const MAX_IDENTIFIER_BYTES: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_that_stand() {
        for (text, origin, path) in [
            ("https://api.example", "https://api.example", ""),
            (
                "https://api.example/auth/v1",
                "https://api.example",
                "/auth/v1",
            ),
            ("http://localhost:8080", "http://localhost:8080", ""),
            ("http://127.0.0.1", "http://127.0.0.1", ""),
            ("http://[::1]:9000/x", "http://[::1]:9000", "/x"),
            (
                "https://x:80/.well-known/..a",
                "https://x:80",
                "/.well-known/..a",
            ),
            (
                "http://localhost:443/:t/*x",
                "http://localhost:443",
                "/:t/*x",
            ),
        ] {
            let issuer: Issuer = text.parse().unwrap();
            assert_eq!((issuer.origin(), issuer.path()), (origin, path), "{text}");
        }
    }

    #[test]
    fn issuers_that_do_not() {
        for (text, error) in [
            ("", IssuerError::NotHttp),
            ("ftp://x", IssuerError::NotHttp),
            ("HTTPS://x", IssuerError::NotHttp),
            ("http://api.example", IssuerError::InsecureHost),
            ("http://localhost.evil.example", IssuerError::InsecureHost),
            ("http://127.0.0.1@evil.example", IssuerError::NotPlain),
            ("https://x?a", IssuerError::NotPlain),
            ("https://x#a", IssuerError::NotPlain),
            ("https://a b", IssuerError::NotPlain),
            ("https://", IssuerError::NoHost),
            ("https://x/", IssuerError::TrailingSlash),
            ("https://x:port", IssuerError::NoHost),
            ("https://:80", IssuerError::NoHost),
            ("https://x:", IssuerError::NoHost),
            ("https://x:+443", IssuerError::NoHost),
            ("https://x:0443", IssuerError::NoHost),
            ("https://x:443", IssuerError::DefaultPort),
            ("https://x:80:443", IssuerError::NoHost),
            ("https://x:80:8443/auth", IssuerError::NoHost),
            ("https://::1", IssuerError::NoHost),
            ("https://x:443/auth", IssuerError::DefaultPort),
            ("http://localhost:80", IssuerError::DefaultPort),
            ("http://[::1]:80", IssuerError::DefaultPort),
            ("https://x//a", IssuerError::UnstablePath),
            ("https://x/a//b", IssuerError::UnstablePath),
            ("https://x/.", IssuerError::UnstablePath),
            ("https://x/a/../b", IssuerError::UnstablePath),
            ("https://x/a/..;b", IssuerError::UnstablePath),
            ("https://x/%61", IssuerError::UnstablePath),
            ("https://x/a%2fb", IssuerError::UnstablePath),
            ("https://x/{tenant}", IssuerError::NotPlain),
        ] {
            assert_eq!(text.parse::<Issuer>(), Err(error), "{text:?}");
        }
    }

    #[test]
    fn loopback_is_a_matter_of_the_whole_host() {
        let loopback = |text: &str| text.parse::<Issuer>().unwrap().is_loopback();
        assert!(loopback("https://localhost"));
        assert!(loopback("http://[::1]:1"));
        assert!(!loopback("https://localhost.example"));
        assert!(!loopback("https://127.0.0.1.example"));
    }

    #[test]
    fn client_ids_are_printable_and_bounded() {
        assert!("s6BhdRkqt3".parse::<ClientId>().is_ok());
        assert!("x".repeat(255).parse::<ClientId>().is_ok());
        for text in ["", "a\nb", "\u{e9}", &"x".repeat(256)] {
            assert_eq!(text.parse::<ClientId>(), Err(IdentifierError));
        }
    }

    #[test]
    fn key_ids_are_bounded_and_otherwise_free() {
        for text in ["a", "../../dev/null", "\u{e9}", &"x".repeat(255)] {
            assert_eq!(text.parse::<KeyId>().unwrap().as_str(), text);
        }
        for text in ["", &"x".repeat(256)] {
            assert_eq!(text.parse::<KeyId>(), Err(IdentifierError));
        }
    }
}
