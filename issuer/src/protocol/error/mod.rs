//! Why a request of a client is refused, and what it says about it.
//!
//! One variant per reason, with what an operator needs to know, by the part of the protocol that
//! refuses. What a client is told is less: [`OAuthError::wire`].

mod assertion;
mod authorization;
mod bearer;
mod client;
mod device;
mod exchange;
mod grant;
mod logout;
mod request;
mod unavailable;

pub use assertion::AssertionError;
pub use authorization::{AuthorizationError, PageError};
pub use bearer::BearerError;
pub use client::ClientAuthenticationError;
pub use device::DeviceError;
pub use exchange::ExchangeError;
pub use grant::{GrantError, InvalidGrant};
pub use logout::LogoutError;
pub use request::RequestError;
pub use unavailable::Unavailable;

/// Any reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OAuthError {
    /// The request cannot be read.
    Request(RequestError),
    /// The client is not who it says.
    Client(ClientAuthenticationError),
    /// The request has no access token that opens this endpoint.
    Bearer(BearerError),
    /// The client may not have what it asks for.
    Grant(GrantError),
    /// What the client presents is no good, or no longer.
    InvalidGrant(InvalidGrant),
    /// The device code has no tokens to give, or not yet.
    Device(DeviceError),
    /// The token is not exchanged.
    Exchange(ExchangeError),
    /// An authorization request is refused, and its client may be told.
    Authorization(AuthorizationError),
    /// An authorization request is refused, and nobody may be redirected.
    Page(PageError),
    /// The server cannot answer now.
    Unavailable(Unavailable),
}

/// An error as the client sees it (RFC 6749 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireError {
    /// The HTTP status. 401 takes a `WWW-Authenticate` header with it.
    pub status: u16,
    /// The error code.
    pub error: &'static str,
    /// A sentence for the client's developer; %x20-21 / %x23-5B / %x5D-7E only.
    pub description: &'static str,
    /// When to try again, in seconds (`Retry-After`).
    pub retry_after: Option<u64>,
}

impl WireError {
    const fn new(status: u16, error: &'static str, description: &'static str) -> Self {
        Self {
            status,
            error,
            description,
            retry_after: None,
        }
    }
}

impl OAuthError {
    /// What the client is told. Nothing that it sent is repeated.
    pub fn wire(&self) -> WireError {
        match self {
            Self::Request(error) => error.wire(),
            Self::Client(error) => error.wire(),
            Self::Bearer(error) => error.wire(),
            Self::Grant(error) => error.wire(),
            Self::InvalidGrant(error) => error.wire(),
            Self::Device(error) => error.wire(),
            Self::Exchange(error) => error.wire(),
            Self::Authorization(error) => error.wire(),
            Self::Page(error) => error.wire(),
            Self::Unavailable(error) => error.wire(),
        }
    }

    /// The name of the reason in logs and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Request(error) => error.reason(),
            Self::Client(error) => error.reason(),
            Self::Bearer(error) => error.reason(),
            Self::Grant(error) => error.reason(),
            Self::InvalidGrant(error) => error.reason(),
            Self::Device(error) => error.reason(),
            Self::Exchange(error) => error.reason(),
            Self::Authorization(error) => error.reason(),
            Self::Page(error) => error.reason(),
            Self::Unavailable(error) => error.reason(),
        }
    }
}

macro_rules! from {
    ($($reason:ident => $variant:ident),*) => {
        $(impl From<$reason> for OAuthError {
            fn from(error: $reason) -> Self {
                Self::$variant(error)
            }
        })*
    };
}

from! {
    RequestError => Request,
    ClientAuthenticationError => Client,
    BearerError => Bearer,
    GrantError => Grant,
    InvalidGrant => InvalidGrant,
    DeviceError => Device,
    ExchangeError => Exchange,
    AuthorizationError => Authorization,
    PageError => Page,
    Unavailable => Unavailable
}

#[cfg(test)]
mod tests;
