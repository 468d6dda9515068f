//! Token revocation (RFC 7009).

use super::client_authentication::authenticate;
use super::presented_token::signed_claims;
use super::refresh_token::Presented;
use super::{Client, ClientRequest, Context, InvalidGrant, OAuthError, Refusal, RequestError};
use crate::audit::AuditEvent;
use crate::store::{AuditStore, GrantStore, OnceStore, SecretDigest};

/// What a request revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The grant, and with it the refresh tokens and every access token that came of it
    /// (RFC 7009 §2.1).
    Grant,
    /// One access token. Its grant lives on: a client that means all of it revokes the refresh
    /// token.
    AccessToken,
    /// Nothing: the token was no good already, which is what the client wants (RFC 7009 §2.2).
    Nothing,
}

impl Revoked {
    /// The name in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::AccessToken => "access_token",
            Self::Nothing => "nothing",
        }
    }
}

/// Revokes a token of the client that asks; on disk when this returns. `token_type_hint` is not
/// needed: the two kinds of token look different (RFC 7009 §2.1 lets a server ignore it).
///
/// # Errors
/// [`Refusal`] for a client that is not authenticated, a request that cannot be read, a token of
/// another client's, and when the store fails.
pub async fn respond<'a, S: GrantStore + OnceStore + AuditStore>(
    context: Context<'a, S>,
    request: &ClientRequest<'_>,
) -> Result<(&'a Client, Revoked), Refusal> {
    let form = request.form()?;
    let client = authenticate(context, &request.authorization, &form).await?;
    let refuse = |error| Refusal::of(client, None, error);
    let token = form.get("token");
    let token = token.ok_or_else(|| refuse(RequestError::Missing("token").into()))?;
    let revoked = match Presented::parse(token) {
        Some(token) => refresh_token(context, client, &token).await,
        None => access_token(context, client, token).await,
    };
    Ok((client, revoked.map_err(refuse)?))
}

/// Any token of the family will do, used or not: who has one of them means the family.
async fn refresh_token<S: GrantStore + AuditStore>(
    context: Context<'_, S>,
    client: &Client,
    token: &Presented,
) -> Result<Revoked, OAuthError> {
    let grant = context.store.grant(token.grant(), context.now).await?;
    let Some((grant, family)) = grant.and_then(|mut grant| {
        let family = grant.refresh.take()?;
        Some((grant, family))
    }) else {
        return Ok(Revoked::Nothing);
    };
    if !token.is_of(&family) {
        return Ok(Revoked::Nothing);
    }
    // A client that mixes up its ids has to hear that nothing was revoked (RFC 7009 §2.1, with the
    // code of RFC 6749 §5.2). That the token is alive, only who has all of it can find out by this.
    if grant.client_id != client.id {
        return Err(InvalidGrant::RefreshTokenOfOther.into());
    }
    context.record(&AuditEvent::GrantRevoked {
        subject: grant.subject,
        client_id: grant.client_id,
        grant_id: token.grant(),
        reason: "client",
    })?;
    context.store.remove_grant(token.grant()).await?;
    Ok(Revoked::Grant)
}

/// Noted until the token ends by itself. Envoy learns nothing of it: introspection does.
async fn access_token<S: OnceStore + AuditStore>(
    context: Context<'_, S>,
    client: &Client,
    token: &str,
) -> Result<Revoked, OAuthError> {
    let Some(claims) = signed_claims(context, token) else {
        return Ok(Revoked::Nothing);
    };
    if claims.client_id != client.id {
        return Err(InvalidGrant::AccessTokenOfOther.into());
    }
    if claims.exp <= context.now {
        return Ok(Revoked::Nothing);
    }
    let jti = SecretDigest::of(claims.jti.as_bytes());
    context.record(&AuditEvent::AccessTokenRevoked {
        subject: claims.sub,
        client_id: claims.client_id,
        jti: claims.jti,
    })?;
    context.store.revoke(jti, claims.exp).await?;
    Ok(Revoked::AccessToken)
}

#[cfg(test)]
mod tests;
