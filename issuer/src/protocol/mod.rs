//! The rules of OAuth 2.0 and OpenID Connect, as functions of what the client sent, what is
//! registered, what is stored, the time and some random bytes. No I/O of their own, no clock, no
//! randomness, no web framework: [`Context`] brings all of it.
//!
//! Start at [`token_endpoint`]: it lists every check of the token endpoint in order.

mod access_token;
pub mod account;
mod assertion;
pub mod authorize;
mod bearer;
mod claims;
pub mod client;
mod client_authentication;
pub mod client_id_metadata;
mod client_request;
mod client_secret;
mod clients;
mod context;
pub mod device_authorization;
pub mod device_flow;
pub mod endpoints;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
mod form;
mod grant;
mod grants;
mod id_token;
pub mod introspection;
mod issuance;
mod language;
mod lifetimes;
pub mod logout;
pub mod metadata;
mod origin;
mod password_check;
mod pending;
mod pkce;
mod presented_token;
pub mod pushed;
mod redirect_uri;
mod refresh_token;
mod refusal;
pub mod registration;
pub mod resource_server;
mod resource_uri;
pub mod revocation;
mod server;
pub mod sessions;
#[cfg(test)]
pub(crate) mod signer;
pub mod token_endpoint;
mod trusted_issuer;
mod user;
mod user_grant;
pub mod userinfo;
mod users;

pub use access_token::Target;
pub use client::{ApplicationType, Client, ClientKind, Provenance};
pub use client_request::{ClientRequest, MAX_BODY_BYTES};
pub use client_secret::{ClientSecret, ClientSecretHash, ClientSecrets};
pub use clients::Clients;
pub use context::Context;
pub use error::{
    AssertionError, AuthorizationError, BearerError, ClientAuthenticationError, DeviceError,
    ExchangeError, GrantError, InvalidGrant, LogoutError, OAuthError, PageError, RequestError,
    Unavailable, WireError,
};
pub use form::{Form, FormError, MAX_PARAMETERS};
pub use grant::Grant;
pub use id_token::IdTokenClaims;
pub use issuance::{Issuance, TokenResponse};
pub use language::Language;
pub use lifetimes::Lifetimes;
pub use origin::{AllowedOrigin, OriginError};
pub use password_check::check_password;
pub use redirect_uri::{RedirectUri, RedirectUriError};
pub use refresh_token::RefreshToken;
pub use refusal::Refusal;
pub use resource_server::ResourceServer;
pub use resource_uri::{ResourceUri, ResourceUriError};
pub use server::AuthorizationServer;
pub use trusted_issuer::{AssertedSubject, TrustedIssuer};
pub use user::{User, UserProfile};
pub use users::Users;

/// Scopes that OpenID Connect defines (Core §5.4, §11): of the user, not of a resource server.
pub const OPENID_SCOPES: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "offline_access",
];
