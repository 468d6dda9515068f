//! Grants of users: what is kept of them, and the tokens that come of them.

use dockgate_token::Scope;

use super::access_token::AccessToken;
use super::id_token::id_token_claims;
use super::refresh_token::{self, RefreshToken};
use super::{Client, Context, Grant, InvalidGrant, Issuance, OAuthError};
use crate::store::{GrantId, Login, RefreshFamily, SessionId, StoredGrant};

/// What a user grants a client.
pub(super) struct Granting<'a> {
    pub(super) client: &'a Client,
    pub(super) subject: &'a str,
    pub(super) scope: Scope,
    /// The audience of the resource server.
    pub(super) audience: String,
    pub(super) resources: Vec<String>,
    pub(super) login: Login,
    pub(super) session: Option<SessionId>,
}

impl Granting<'_> {
    /// Makes the record, and the first refresh token if the client has the refresh grant. Nothing
    /// is stored yet.
    pub(super) fn record<S>(
        self,
        context: Context<'_, S>,
        id: GrantId,
    ) -> Result<(StoredGrant, Option<RefreshToken>), OAuthError> {
        let lifetimes = &context.server.lifetimes;
        let client = self.client;
        let mut grant = self.record_without_refresh(context);
        if !client.grants.contains(&Grant::RefreshToken) {
            return Ok((grant, None));
        }
        let tag_key = context.random()?;
        let (token, current) = refresh_token::generate(context, id, &tag_key)?;
        let ends_at = context.now.saturating_add(lifetimes.refresh_absolute);
        grant.expires_at = ends_at.min(context.now.saturating_add(lifetimes.refresh_idle));
        grant.refresh = Some(RefreshFamily {
            tag_key,
            current,
            ends_at,
            predecessor: None,
            retired: Vec::new(),
        });
        Ok((grant, Some(token)))
    }

    /// Makes the record of a grant that gives one access token and nothing after it.
    pub(super) fn record_without_refresh<S>(self, context: Context<'_, S>) -> StoredGrant {
        let lifetime = context.server.lifetimes.access_token;
        StoredGrant {
            expires_at: context.now.saturating_add(lifetime),
            client_id: self.client.id.clone(),
            subject: self.subject.to_owned(),
            scope: self.scope,
            audience: self.audience,
            resources: self.resources,
            login: self.login,
            session: self.session,
            granted_at: context.now,
            refresh: None,
        }
    }
}

/// What of a grant may be had now: the scope that client and user may both still have.
///
/// # Errors
/// [`InvalidGrant::UserGone`] when the user is no longer there, the login counts no more, or nothing
/// is left.
pub(super) fn effective_scope<S>(
    context: Context<'_, S>,
    client: &Client,
    grant: &StoredGrant,
) -> Result<Scope, OAuthError> {
    let users = &context.server.users;
    let user = users.who_logged_in(&grant.subject, &grant.login);
    let user = user.ok_or(InvalidGrant::UserGone)?;
    let scope = grant.scope.intersection(&client.scope);
    let scope = scope.intersection(&user.scope);
    if scope.is_empty() && !grant.scope.is_empty() {
        return Err(InvalidGrant::UserGone.into());
    }
    Ok(scope)
}

/// The tokens of a grant that is on disk. With `openid` granted there is an ID token among them.
///
/// # Errors
/// [`InvalidGrant::UserGone`] when the resource server is no longer there.
pub(super) fn issue<S>(
    context: Context<'_, S>,
    client: &Client,
    (id, grant): (GrantId, &StoredGrant),
    scope: Scope,
    resources: &[String],
    refresh_token: Option<RefreshToken>,
    nonce: Option<String>,
) -> Result<Issuance, OAuthError> {
    let resource_server = context
        .server
        .resource_server(&grant.audience)
        .ok_or(InvalidGrant::UserGone)?;
    let id_token = scope.contains("openid").then(|| {
        let claims = id_token_claims(context, client, &grant.subject, &grant.login, nonce);
        (claims, client.id_token_algorithm)
    });
    let claims = AccessToken {
        client_id: &client.id,
        subject: &grant.subject,
        scope,
        audience: &resource_server.audience,
        resources,
        grant: Some((id, &grant.login)),
        act: None,
        // Once the grant is over its tokens count as dead here; they must not outlive it at Envoy.
        not_after: Some(grant.expires_at),
    }
    .claims(context)?;
    Ok(Issuance {
        expires_in: claims.exp.saturating_sub(context.now),
        claims,
        algorithm: resource_server.signing_algorithm,
        refresh_token,
        id_token,
        issued_token_type: None,
    })
}
