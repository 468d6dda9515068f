//! What a client is told of its registration (RFC 7591 §3.2.1, RFC 7592 §3).

use dockgate_token::Issuer;
use serde::Serialize;

use super::ClientMetadata;
use crate::clock::UnixSeconds;
use crate::protocol::endpoints;

/// The answer. The secret is in it when it is made and never again: only its digest is kept.
#[derive(Serialize)]
pub struct ClientInformation<'a> {
    /// The id that it was given.
    pub client_id: &'a str,
    /// When that was.
    pub client_id_issued_at: UnixSeconds,
    /// The secret, if one was made just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<&'a str>,
    /// 0, which is never, of a client that has a secret (RFC 7591 §3.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_expires_at: Option<u8>,
    /// By what the client proves that the registration is its own. It stays the same: one that changed
    /// would lock out a client whose answer got lost.
    pub registration_access_token: &'a str,
    /// Where it can read, change and end it.
    pub registration_client_uri: String,
    /// All that is registered.
    #[serde(flatten)]
    pub metadata: &'a ClientMetadata,
}

/// The URL of a client's registration.
pub fn client_uri(issuer: &Issuer, client_id: &str) -> String {
    let registration = endpoints::url(issuer, endpoints::REGISTRATION);
    format!("{registration}/{client_id}")
}
