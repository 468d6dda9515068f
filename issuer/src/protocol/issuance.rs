//! What a grant comes to: tokens to be signed, and the answer that carries them.

use dockgate_token::{AccessTokenClaims, Algorithm, Scope};
use serde::Serialize;

use super::id_token::{IdTokenClaims, half_hash};
use super::{OAuthError, RefreshToken, Unavailable};
use crate::keys::{Keyring, TokenKind};

/// Tokens to be signed and handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuance {
    /// What the access token says.
    pub claims: AccessTokenClaims,
    /// What it is signed with.
    pub algorithm: Algorithm,
    /// Its lifetime, in seconds.
    pub expires_in: u64,
    /// The refresh token, on disk already.
    pub refresh_token: Option<RefreshToken>,
    /// What the ID token says, and what it is signed with.
    pub id_token: Option<(IdTokenClaims, Algorithm)>,
    /// `issued_token_type`, for token exchange (RFC 8693 §2.2.1).
    pub issued_token_type: Option<&'static str>,
}

/// A successful answer (RFC 6749 §5.1). Prints nothing of the tokens.
#[derive(Serialize)]
pub struct TokenResponse {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    scope: Scope,
}

impl TokenResponse {
    /// The signed access token.
    pub fn access_token(&self) -> &str {
        &self.access_token
    }
}

impl Issuance {
    /// Signs the tokens. The ID token names the access token by `at_hash` (OIDC Core §3.1.3.6).
    ///
    /// # Errors
    /// [`Unavailable::Signing`] when the crypto library fails.
    pub fn sign(&self, keys: &Keyring) -> Result<TokenResponse, OAuthError> {
        let failed = |_| Unavailable::Signing;
        let access_token = keys
            .sign(TokenKind::AccessToken, self.algorithm, &self.claims)
            .map_err(failed)?;
        let id_token = self.id_token.as_ref().map(|(claims, algorithm)| {
            let claims = IdTokenClaims {
                at_hash: Some(half_hash(*algorithm, &access_token)),
                ..claims.clone()
            };
            keys.sign(TokenKind::IdToken, *algorithm, &claims)
        });
        Ok(TokenResponse {
            id_token: id_token.transpose().map_err(failed)?,
            access_token,
            issued_token_type: self.issued_token_type,
            token_type: "Bearer",
            expires_in: self.expires_in,
            refresh_token: self
                .refresh_token
                .as_ref()
                .map(|token| token.expose().to_owned()),
            scope: self.claims.scope.clone(),
        })
    }
}
