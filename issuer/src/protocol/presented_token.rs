//! Access tokens that somebody presents to the issuer itself: to userinfo, for introspection, in
//! exchange for another.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::AccessTokenClaims;

use super::{Client, Context, OAuthError, User};
use crate::keys::TokenKind;
use crate::store::{GrantId, GrantStore, OnceStore, SecretDigest};

/// An access token of this issuer that is alive: signed with one of its keys, not expired, not
/// revoked, of a client and a user that are still there.
#[derive(Debug)]
pub(super) struct LiveToken<'a> {
    pub(super) claims: AccessTokenClaims,
    /// The client it was issued to.
    pub(super) client: &'a Client,
    /// Whose token it is; `None` for one of a client in its own name.
    pub(super) user: Option<&'a User>,
}

/// The claims of an access token that one of our keys signed, whether it is alive or not.
pub(super) fn signed_claims<S>(context: Context<'_, S>, token: &str) -> Option<AccessTokenClaims> {
    let payload = context.keys.payload(TokenKind::AccessToken, token)?;
    let claims: AccessTokenClaims = serde_json::from_slice(&payload).ok()?;
    (claims.iss == context.server.issuer).then_some(claims)
}

/// The grant that a token names.
pub(super) fn grant_id(claims: &AccessTokenClaims) -> Option<GrantId> {
    let bytes = URL_SAFE_NO_PAD.decode(claims.grant_id.as_ref()?).ok()?;
    Some(GrantId::from_bytes(bytes.try_into().ok()?))
}

/// The token, if it is alive; `None` for anything else, whatever the reason.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn live_token<'a, S: GrantStore + OnceStore>(
    context: Context<'a, S>,
    token: &str,
) -> Result<Option<LiveToken<'a>>, OAuthError> {
    let Some(claims) = signed_claims(context, token) else {
        return Ok(None);
    };
    let Some(client) = context.server.clients.get(&claims.client_id) else {
        return Ok(None);
    };
    if claims.exp <= context.now {
        return Ok(None);
    }
    let jti = SecretDigest::of(claims.jti.as_bytes());
    if context.store.is_revoked(jti).await? {
        return Ok(None);
    }
    // A token with a grant is a user's, whether a client is acting for the user or not.
    if claims.grant_id.is_none() {
        // Of another, the subject is a client, which may be gone while one that acts for it is not.
        if context.server.client(&claims.sub).is_none() {
            return Ok(None);
        }
        let user = None;
        return Ok(Some(LiveToken {
            claims,
            client,
            user,
        }));
    }
    let Some(id) = grant_id(&claims) else {
        return Ok(None);
    };
    let alive = context.store.grant(id, context.now).await?;
    let Some(grant) = alive.filter(|grant| grant.subject == claims.sub) else {
        return Ok(None);
    };
    // An exchanged token is another client's, and ends with the one that was granted.
    if !context.server.clients.contains_key(&grant.client_id) {
        return Ok(None);
    }
    let users = &context.server.users;
    let user = users.who_logged_in(&grant.subject, &grant.login);
    Ok(user.map(|user| LiveToken {
        claims,
        client,
        user: Some(user),
    }))
}
