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
    /// It was fetched a moment ago and was no good, or its host was not well. It may be fetched again
    /// in so many seconds.
    Paused(u64),
    /// Too many have been fetched. There may be another in so many seconds.
    TooMany(u64),
    /// Too many are being fetched.
    Busy,
}

/// How soon a host may be well again, in seconds.
const UNTIL_WELL: u64 = 30;
/// How soon others may be done, in seconds.
const UNTIL_IDLE: u64 = 5;

impl DocumentError {
    /// In how many seconds the same request may succeed, if that is to be expected.
    pub fn again_in(&self) -> Option<u64> {
        match self {
            // The same for both, or strangers could ask which names there are in the network.
            Self::Unresolved | Self::Address(_) => Some(UNTIL_WELL),
            Self::Unreachable | Self::Tls | Self::TooSlow | Self::Broken => Some(UNTIL_WELL),
            Self::Paused(seconds) | Self::TooMany(seconds) => Some(*seconds),
            Self::Busy => Some(UNTIL_IDLE),
            Self::Status(408 | 425 | 429 | 500..) => Some(UNTIL_WELL),
            Self::Status(_) | Self::Redirect | Self::ContentType | Self::TooLarge => None,
        }
    }

    /// The name of the reason, for what is counted.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::Address(_) => "address_not_public",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::TooSlow => "too_slow",
            Self::Broken => "broken",
            Self::Redirect => "redirect",
            Self::Status(_) => "status",
            Self::ContentType => "content_type",
            Self::TooLarge => "too_large",
            Self::Paused(_) => "paused",
            Self::TooMany(_) => "too_many",
            Self::Busy => "busy",
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
            Self::Paused(_) => "it was no good a moment ago",
            Self::TooMany(_) => "too many documents were asked for",
            Self::Busy => "too many documents are being fetched",
        })
    }
}
