//! UserInfo (OIDC Core §5.3): what a client may know of the user who logged in.

use serde_json::{Map, Value};

use super::presented_token::{LiveToken, live_token};
use super::{BearerError, Client, ClientRequest, Context, OAuthError, Refusal, bearer, claims};
use crate::store::{GrantStore, OnceStore};

/// An answer.
#[derive(Debug)]
pub struct UserInfo<'a> {
    /// The client that the token was issued to.
    pub client: &'a Client,
    /// `sub`, and the claims that the token's scope opens and the user has.
    pub claims: Map<String, Value>,
}

/// Answers whoever has a live access token of this issuer with the scope `openid`, whatever its
/// audience: resource servers may ask as well as clients.
///
/// # Errors
/// [`Refusal`] for [`BearerError`], and when the store cannot be read.
pub async fn respond<'a, S: GrantStore + OnceStore>(
    context: Context<'a, S>,
    request: &ClientRequest<'_>,
) -> Result<UserInfo<'a>, Refusal> {
    let token = bearer::token(request).map_err(OAuthError::from)?;
    let live = live_token(context, &token).await?;
    let LiveToken {
        claims,
        client,
        user,
    } = live.ok_or(OAuthError::from(BearerError::InvalidToken))?;
    let refuse = |error: BearerError| Refusal::of(client, None, error.into());
    // OIDC Core §5.3: a token of OpenID Connect. One of a client in its own name never is.
    if !claims.scope.contains("openid") {
        return Err(refuse(BearerError::InsufficientScope("openid")));
    }
    let user = user.ok_or_else(|| refuse(BearerError::InvalidToken))?;
    Ok(UserInfo {
        client,
        claims: claims::of(user, &claims.scope),
    })
}

#[cfg(test)]
mod tests;
