//! Grant types by the names of RFC 7591 §2.

use std::fmt;
use std::str::FromStr;

/// A way to obtain a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grant {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 6749 §4.3. Must not be used in anything new (RFC 9700 §2.4).
    Password,
    /// RFC 6749 §4.2: from the authorization endpoint, never from the token endpoint. Should not
    /// be used in anything new (RFC 9700 §2.1.2).
    Implicit,
    /// RFC 8628.
    DeviceCode,
    /// RFC 8693.
    TokenExchange,
    /// RFC 7523.
    JwtBearer,
}

impl Grant {
    /// Every grant, in the order in which documents list them.
    pub const ALL: [Self; 8] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::Password,
        Self::Implicit,
        Self::DeviceCode,
        Self::TokenExchange,
        Self::JwtBearer,
    ];

    /// The value of `grant_type`, and the name in configuration and metadata.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Password => "password",
            Self::Implicit => "implicit",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Grant {
    type Err = UnknownGrant;

    fn from_str(name: &str) -> Result<Self, UnknownGrant> {
        Self::ALL
            .into_iter()
            .find(|grant| grant.as_str() == name)
            .ok_or(UnknownGrant)
    }
}

/// The name is not that of a [`Grant`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownGrant;
