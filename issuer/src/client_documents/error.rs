//! Why there is no document.

use std::fmt;
use std::net::IpAddr;

/// One variant per reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentError {
    /// The host has no address, or nobody says which.
    Unresolved,
    /// An address of the host is none that anybody on the Internet could reach.
    Address(IpAddr),
    /// Nothing answers at the address.
    Unreachable,
    /// There is no TLS, or not with a certificate of that host.
    Tls,
    /// It took too long.
    TooSlow,
    /// The answer broke off or was no HTTP.
    Broken,
    /// The answer leads elsewhere. It is not followed: whoever is there is not whose id it is.
    Redirect,
    /// The answer has another status than 200.
    Status(u16),
    /// It is not JSON.
    ContentType,
    /// It is larger than is read.
    TooLarge,
    /// Too many have been fetched.
    TooMany(u64),
}

impl DocumentError {
    /// Whether the same request may succeed a little later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unresolved
            | Self::Unreachable
            | Self::Tls
            | Self::TooSlow
            | Self::Broken
            | Self::TooMany(_) => true,
            Self::Status(status) => *status == 429 || *status >= 500,
            Self::Address(_) | Self::Redirect | Self::ContentType | Self::TooLarge => false,
        }
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unresolved => "its host has no address",
            Self::Address(address) => {
                return write!(f, "its host has the address {address}, which is not public");
            }
            Self::Unreachable => "nothing answers at its host",
            Self::Tls => "its host has no TLS with a valid certificate",
            Self::TooSlow => "it took too long",
            Self::Broken => "the answer broke off",
            Self::Redirect => "the answer leads elsewhere",
            Self::Status(status) => return write!(f, "the answer is {status}"),
            Self::ContentType => "the answer is not JSON",
            Self::TooLarge => "it is too large",
            Self::TooMany(_) => "too many documents were asked for",
        })
    }
}
