//! ID tokens (OIDC Core §2).

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use dockgate_token::{Algorithm, ClientId, Issuer, encode_segment};
use serde::{Deserialize, Serialize};

use super::{Client, Context};
use crate::keys::TokenKind;
use crate::store::Login;

/// What an ID token says. Times are seconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// Who issued it.
    pub iss: Issuer,
    /// Who logged in.
    pub sub: String,
    /// The client it is for.
    pub aud: ClientId,
    /// When it ends.
    pub exp: u64,
    /// When it was issued.
    pub iat: u64,
    /// When the user logged in.
    pub auth_time: u64,
    /// `nonce` of the request, unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// How the user logged in (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Ties it to the access token that comes with it (OIDC Core §3.1.3.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
}

/// Builds the claims for a user who logged in as `login` says.
pub(super) fn id_token_claims<S>(
    context: Context<'_, S>,
    client: &Client,
    subject: &str,
    login: &Login,
    nonce: Option<String>,
) -> IdTokenClaims {
    let lifetime = context.server.lifetimes.id_token;
    IdTokenClaims {
        iss: context.server.issuer.clone(),
        sub: subject.to_owned(),
        aud: client.id.clone(),
        exp: context.now.saturating_add(lifetime),
        iat: context.now,
        auth_time: login.at,
        nonce,
        amr: login.methods.clone(),
        at_hash: None,
    }
}

/// What an ID token says that this server signed, for whatever client and however long ago.
pub(super) fn id_token_of<S>(context: Context<'_, S>, token: &str) -> Option<IdTokenClaims> {
    let payload = context.keys.payload(TokenKind::IdToken, token)?;
    let claims: IdTokenClaims = serde_json::from_slice(&payload).ok()?;
    (claims.iss == context.server.issuer).then_some(claims)
}

/// The left half of the hash that belongs to the ID token's algorithm (OIDC Core §3.1.3.6). For
/// EdDSA with Ed25519 that is SHA-512, its own inner hash.
pub(super) fn half_hash(algorithm: Algorithm, token: &str) -> String {
    let hash = match algorithm {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 => &SHA256,
        Algorithm::RS384 | Algorithm::ES384 => &SHA384,
        Algorithm::RS512 | Algorithm::EdDSA => &SHA512,
    };
    let hash = digest(hash, token.as_bytes());
    let (half, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    encode_segment(half)
}

#[cfg(test)]
mod tests;
