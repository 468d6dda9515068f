//! The rules of OAuth 2.0 and OpenID Connect, as functions of what the client sent, what is
//! registered, the time and some random bytes. No I/O, no clock, no randomness, no web framework.
//!
//! Start at [`token_endpoint`]: it lists every check of the token endpoint in order.

mod access_token;
pub mod client;
mod client_authentication;
mod client_secret;
pub mod endpoints;
mod form;
mod grant;
mod grants;
mod issuance;
pub mod metadata;
mod origin;
mod redirect_uri;
pub mod resource_server;
mod resource_uri;
mod server;
pub mod token_endpoint;
mod token_error;
mod user;

pub use access_token::{Jti, MintingContext};
pub use client::{ApplicationType, Client, ClientKind};
pub use client_secret::ClientSecretHash;
pub use form::{Form, FormError, MAX_PARAMETERS};
pub use grant::Grant;
pub use issuance::Issuance;
pub use origin::{AllowedOrigin, OriginError};
pub use redirect_uri::{RedirectUri, RedirectUriError};
pub use resource_server::ResourceServer;
pub use resource_uri::{ResourceUri, ResourceUriError};
pub use server::AuthorizationServer;
pub use token_error::{TokenError, WireError};
pub use user::{User, UserProfile};

/// Scopes that OpenID Connect defines (Core §5.4, §11): of the user, not of a resource server.
pub const OPENID_SCOPES: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "offline_access",
];
