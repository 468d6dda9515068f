//! Registered clients.

use std::collections::BTreeSet;

use dockgate_token::{Algorithm, ClientId, Scope};

use super::{AllowedOrigin, ClientSecrets, Grant, RedirectUri};
use crate::keys::VerificationKeys;

/// An application that may ask for tokens (RFC 6749 §2).
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// Its identifier, unique on this server.
    pub id: ClientId,
    /// What people see on the consent page; the id where none is given.
    pub name: Option<String>,
    /// Whether it can keep a secret, and which.
    pub kind: ClientKind,
    /// Where it runs.
    pub application_type: ApplicationType,
    /// The grants it may use.
    pub grants: BTreeSet<Grant>,
    /// The most it may ask for.
    pub scope: Scope,
    /// Where the authorization endpoint may send the user back to.
    pub redirect_uris: Vec<RedirectUri>,
    /// Whether its authorization requests have to be pushed (RFC 9126 §6).
    pub require_pushed_authorization_requests: bool,
    /// Where the browser may go once its user has logged out here (OIDC RP-Initiated Logout §3.1).
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Browser origins that may read this client's token responses: those of its redirect URIs and
    /// those configured on top.
    pub origins: Vec<AllowedOrigin>,
    /// What its ID tokens are signed with (`id_token_signed_response_alg`).
    pub id_token_algorithm: Algorithm,
    /// Audiences that it may exchange tokens for (RFC 8693).
    pub exchange_audiences: Vec<String>,
    /// Audiences whose tokens it may introspect (RFC 7662).
    pub introspect_audiences: Vec<String>,
    /// Who vouches for what it says of itself.
    pub provenance: Provenance,
}

/// Where a client comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Provenance {
    /// The operator wrote it down.
    #[default]
    Operator,
    /// It registered itself (RFC 7591). Nobody has looked at what it calls itself.
    Registration,
    /// A document at its id says what it is.
    Document,
}

/// The client types of RFC 6749 §2.1, and how clients authenticate (RFC 7591 §2).
#[derive(Clone, Debug, PartialEq)]
pub enum ClientKind {
    /// It cannot keep a secret and identifies itself by its id alone.
    Public,
    /// It authenticates with a secret: in the `Authorization` header or in the form, as it likes.
    Confidential(ClientSecrets),
    /// It authenticates with a secret in the `Authorization` header alone.
    SecretBasic(ClientSecrets),
    /// It authenticates with a secret in the form alone.
    SecretPost(ClientSecrets),
    /// It authenticates with a JWT that one of these keys signed (RFC 7523 §2.2).
    PrivateKeyJwt(VerificationKeys),
}

/// The application types of OIDC Registration §2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApplicationType {
    /// Redirect URIs are compared as text.
    #[default]
    Web,
    /// A loopback redirect URI may have any port (RFC 8252 §7.3).
    Native,
}

impl Client {
    /// Whether a page of `origin` may read what this client is answered.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed.matches(origin))
    }

    /// Whether nobody but the client itself says what it is.
    pub fn describes_itself(&self) -> bool {
        self.provenance != Provenance::Operator
    }

    /// Whether the client authenticates itself.
    pub fn is_confidential(&self) -> bool {
        !matches!(self.kind, ClientKind::Public)
    }

    /// How it authenticates, by the names of the registry that RFC 7591 §4.2 began.
    pub fn authentication_methods(&self) -> &'static [&'static str] {
        match self.kind {
            ClientKind::Public => &["none"],
            ClientKind::Confidential(_) => &["client_secret_basic", "client_secret_post"],
            ClientKind::SecretBasic(_) => &["client_secret_basic"],
            ClientKind::SecretPost(_) => &["client_secret_post"],
            ClientKind::PrivateKeyJwt(_) => &["private_key_jwt"],
        }
    }
}
