//! Token introspection (RFC 7662).

use dockgate_token::{Actor, Audience, ClientId, Issuer, Scope};
use serde::Serialize;

use super::client_authentication::authenticate;
use super::presented_token::{LiveToken, live_token};
use super::refresh_token::Presented;
use super::user_grant::effective_scope;
use super::{
    Client, ClientAuthenticationError, ClientRequest, Context, Grant, OAuthError, Refusal,
    RequestError,
};
use crate::store::{GrantStore, OnceStore};

/// What is said of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Introspection {
    /// It is alive, and the caller may know of it.
    Active(Box<ActiveToken>),
    /// Anything else, for whatever reason (RFC 7662 §2.2).
    Inactive {
        /// `false`.
        active: bool,
    },
}

/// The members of RFC 7662 §2.2 that apply; times are seconds since the Unix epoch. The user's
/// login name is not among them: who may know it asks userinfo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActiveToken {
    active: bool,
    #[serde(skip_serializing_if = "Scope::is_empty")]
    scope: Scope,
    client_id: ClientId,
    /// None for a refresh token, which is presented to nobody but this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<u64>,
    sub: String,
    aud: Audience,
    iss: Issuer,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    /// RFC 8693 §4.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Actor>,
    /// RFC 9470 §6.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<u64>,
}

const INACTIVE: Introspection = Introspection::Inactive { active: false };

/// Answers a client that authenticates. `token_type_hint` is not needed: the two kinds of token
/// look different (RFC 7662 §2.1 lets a server ignore it).
///
/// # Errors
/// [`Refusal`] for a client that is not authenticated, for a request that cannot be read, and when
/// the store cannot be read. A token that is no good is none of these.
pub async fn respond<'a, S: GrantStore + OnceStore>(
    context: Context<'a, S>,
    request: &ClientRequest<'_>,
) -> Result<(&'a Client, Introspection), Refusal> {
    let form = request.form()?;
    let client = authenticate(context, &request.authorization, &form).await?;
    let refuse = |error| Refusal::of(client, None, error);
    check_confidential(client)?;
    let token = form.get("token");
    let token = token.ok_or_else(|| refuse(RequestError::Missing("token").into()))?;
    let answer = match Presented::parse(token) {
        Some(token) => refresh_token(context, client, &token).await,
        None => access_token(context, client, token).await,
    };
    Ok((client, answer.map_err(refuse)?))
}

/// Anybody can say a public client's id, and must not be able to try tokens here
/// (RFC 7662 §2.1, §4).
fn check_confidential(client: &Client) -> Result<(), OAuthError> {
    if client.is_confidential() {
        return Ok(());
    }
    Err(ClientAuthenticationError::PublicClient(client.id.clone()).into())
}

async fn access_token<S: GrantStore + OnceStore>(
    context: Context<'_, S>,
    client: &Client,
    token: &str,
) -> Result<Introspection, OAuthError> {
    let live = live_token(context, token).await?;
    let Some(LiveToken { claims, .. }) = live else {
        return Ok(INACTIVE);
    };
    if !may_know(client, &claims.client_id, &claims.aud) {
        return Ok(INACTIVE);
    }
    Ok(Introspection::Active(Box::new(ActiveToken {
        active: true,
        scope: claims.scope,
        client_id: claims.client_id,
        token_type: Some("Bearer"),
        exp: claims.exp,
        iat: Some(claims.iat),
        sub: claims.sub,
        aud: claims.aud,
        iss: claims.iss,
        jti: Some(claims.jti),
        act: claims.act,
        auth_time: claims.auth_time,
    })))
}

/// A client may know of its own tokens, and of those for the audiences that it guards.
fn may_know(client: &Client, owner: &ClientId, audience: &Audience) -> bool {
    let mut guarded = client.introspect_audiences.iter();
    client.id == *owner || guarded.any(|own| audience.contains(own))
}

/// A refresh token is alive for its own client alone, and as long as it is the current one of its
/// family and could be used.
async fn refresh_token<S: GrantStore>(
    context: Context<'_, S>,
    client: &Client,
    token: &Presented,
) -> Result<Introspection, OAuthError> {
    let Some(grant) = context.store.grant(token.grant(), context.now).await? else {
        return Ok(INACTIVE);
    };
    let current = grant.client_id == client.id
        && client.grants.contains(&Grant::RefreshToken)
        && grant
            .refresh
            .as_ref()
            .is_some_and(|family| token.is_of(family) && family.current == token.digest());
    let (true, Ok(scope)) = (current, effective_scope(context, client, &grant)) else {
        return Ok(INACTIVE);
    };
    Ok(Introspection::Active(Box::new(ActiveToken {
        active: true,
        scope,
        client_id: grant.client_id,
        token_type: None,
        exp: grant.expires_at,
        iat: None,
        sub: grant.subject,
        aud: Audience::One(grant.audience),
        iss: context.server.issuer.clone(),
        jti: None,
        act: None,
        auth_time: Some(grant.login.at),
    })))
}

#[cfg(test)]
mod tests;
