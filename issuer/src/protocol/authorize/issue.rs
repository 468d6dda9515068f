//! What the client gets in the end: a code, a token, or an error. A pushed request is used up with
//! it, whichever it is.

use dockgate_token::{Scope, encode_segment};

use super::MAX_FLOW_SECONDS;
use super::redirect::Leading;
use super::request::{AuthorizationRequest, refused};
use super::response::{AuthorizationResponse, AuthorizeError};
use super::response_type::ResponseType;
use crate::protocol::user_grant::{self, Granting};
use crate::protocol::{Context, Issuance, OAuthError, PageError, sessions};
use crate::store::{GrantId, ProtocolStore, SecretDigest, StoredCode, StoredSession};

/// Issues what was asked for, with this much of the scope.
pub(super) async fn issue<S: ProtocolStore>(
    context: Context<'_, S>,
    request: &AuthorizationRequest<'_>,
    session: &StoredSession,
    scope: Scope,
) -> Result<AuthorizationResponse, OAuthError> {
    match request.response_type {
        ResponseType::Code => code(context, request, session, scope).await,
        ResponseType::Token => token(context, request, session, scope).await,
    }
}

/// An error that is final uses up a pushed request too. For one that only says that the server
/// cannot answer now, nothing is used up.
pub(super) async fn refuse<S: ProtocolStore>(
    context: Context<'_, S>,
    request: &AuthorizationRequest<'_>,
    leading: Leading,
    reason: OAuthError,
) -> AuthorizeError {
    let reason = match reason {
        OAuthError::Unavailable(_) | OAuthError::Page(_) => reason,
        other => use_up(context, request).await.err().unwrap_or(other),
    };
    refused(context, (&request.redirect, leading), reason)
}

/// A code: 256 random bits that say nothing (RFC 6749 §10.10).
pub(super) fn secret<S>(context: Context<'_, S>) -> Result<String, OAuthError> {
    Ok(encode_segment(&context.random::<32>()?))
}

/// A code (RFC 6749 §4.1.2). It is on disk, by its digest, before it is handed out.
async fn code<S: ProtocolStore>(
    context: Context<'_, S>,
    request: &AuthorizationRequest<'_>,
    session: &StoredSession,
    scope: Scope,
) -> Result<AuthorizationResponse, OAuthError> {
    let lifetimes = &context.server.lifetimes;
    let secret = secret(context)?;
    let valid_until = context.now.saturating_add(lifetimes.code);
    let record = StoredCode {
        expires_at: valid_until.saturating_add(lifetimes.access_token),
        valid_until,
        grant: GrantId::from_bytes(context.random()?),
        client_id: request.client.id.clone(),
        redirect_uri: request.redirect.uri.clone(),
        redirect_uri_was_sent: request.redirect.was_sent,
        code_challenge: request.code_challenge.clone(),
        subject: session.subject.clone(),
        scope,
        audience: request.target.resource_server.audience.clone(),
        resources: request.target.resource_texts(),
        nonce: request.nonce.clone(),
        login: session.login.clone(),
        session: session.lineage,
        redeemed: false,
    };
    use_up(context, request).await?;
    let digest = SecretDigest::of(secret.as_bytes());
    context.store.add_code(digest, &record).await?;
    Ok(response(context, request, vec![("code", secret)]))
}

/// An access token, straight into the browser (RFC 6749 §4.2.2): never with a refresh token. Its
/// grant is on disk before it is handed out, so that it can be revoked.
async fn token<S: ProtocolStore>(
    context: Context<'_, S>,
    request: &AuthorizationRequest<'_>,
    session: &StoredSession,
    scope: Scope,
) -> Result<AuthorizationResponse, OAuthError> {
    let id = GrantId::from_bytes(context.random()?);
    let resources = request.target.resource_texts();
    let granting = Granting {
        client: request.client,
        subject: &session.subject,
        scope: scope.clone(),
        audience: request.target.resource_server.audience.clone(),
        resources: resources.clone(),
        login: session.login.clone(),
        session: Some(session.lineage),
    };
    let grant = granting.record_without_refresh(context);
    let from = (id, &grant);
    let issuance = user_grant::issue(context, request.client, from, scope, &resources, None, None)?;
    // `response_type=token` is answered with nothing else, `openid` or not (OIDC Core §3).
    let issuance = Issuance {
        id_token: None,
        ..issuance
    };
    let signed = issuance.sign(context.keys)?;
    use_up(context, request).await?;
    context.store.add_grant(id, &grant).await?;
    sessions::check_not_ended(context, id, &grant).await?;
    sessions::check_access_not_ended(context, from, context.now).await?;
    let parameters = vec![
        ("access_token", signed.access_token().to_owned()),
        ("token_type", "Bearer".to_owned()),
        ("expires_in", issuance.expires_in.to_string()),
        ("scope", issuance.claims.scope.to_string()),
    ];
    Ok(response(context, request, parameters))
}

fn response<S>(
    context: Context<'_, S>,
    request: &AuthorizationRequest<'_>,
    parameters: Vec<(&'static str, String)>,
) -> AuthorizationResponse {
    AuthorizationResponse::new(&request.redirect, &context.server.issuer, parameters)
}

/// Uses up the pushed request, if it is one: it is answered once (RFC 9126 §4, RFC 9126 §7.3). One
/// that has expired since is no longer in the store, so its name is noted for as long as another
/// page may have it.
async fn use_up<S: ProtocolStore>(
    context: Context<'_, S>,
    request: &AuthorizationRequest<'_>,
) -> Result<(), OAuthError> {
    let Some(reference) = request.pushed else {
        return Ok(());
    };
    // A page is still good in its last second.
    let until = context.now.saturating_add(MAX_FLOW_SECONDS + 1);
    let first = context
        .store
        .use_once(reference, until, context.now)
        .await?;
    if !first {
        return Err(PageError::RequestUriUsed.into());
    }
    context.store.consume_pushed_request(reference).await?;
    Ok(())
}
