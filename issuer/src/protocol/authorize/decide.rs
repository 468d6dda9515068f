//! The user's answer to the consent page.

use dockgate_token::Scope;

use super::consent;
use super::issue::{issue, refuse};
use super::login::{Flow, logged_in};
use super::redirect::Leading;
use super::request::AuthorizationRequest;
use super::response::{AuthorizationResponse, AuthorizeError};
use crate::audit::AuditEvent;
use crate::protocol::{AuthorizationError, Context, OAuthError};
use crate::store::{ProtocolStore, StoredSession};

/// What the user says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// No.
    Deny,
    /// Yes, to these scopes. Any that was not offered is passed over.
    Allow(Scope),
}

/// Carries out what the user of `session` decided. The caller has made sure that it is the user
/// who was asked: that the page was shown in this browser, to this user.
///
/// What was agreed to is on disk when this returns, and so is what comes of it.
///
/// # Errors
/// [`AuthorizeError`]; that the user says no is one too (`access_denied`).
pub async fn decide<S: ProtocolStore>(
    context: Context<'_, S>,
    request: &AuthorizationRequest<'_>,
    session: &StoredSession,
    flow: &Flow,
    decision: Decision,
) -> Result<AuthorizationResponse, AuthorizeError> {
    match carry_out(context, request, session, flow, decision).await {
        Ok(response) => Ok(response),
        Err(reason) => Err(refuse(context, request, Leading::Straight, reason).await),
    }
}

async fn carry_out<S: ProtocolStore>(
    context: Context<'_, S>,
    request: &AuthorizationRequest<'_>,
    session: &StoredSession,
    flow: &Flow,
    decision: Decision,
) -> Result<AuthorizationResponse, OAuthError> {
    let denied = || {
        context.record(&AuditEvent::ConsentDenied {
            subject: session.subject.clone(),
            client_id: request.client.id.clone(),
        })?;
        Err(AuthorizationError::Denied.into())
    };
    let Decision::Allow(ticked) = decision else {
        return denied();
    };
    // Nobody gets here past a login that the request demands, not even with a page of before it.
    let Ok((session, user)) = logged_in(context, request, Some(session), flow)? else {
        return Err(AuthorizationError::LoginRequired.into());
    };
    let offered = consent::offered(request, user)?;
    let chosen = consent::chosen(&offered, &ticked);
    if chosen.is_empty() {
        return denied();
    }
    context.record(&AuditEvent::ConsentGranted {
        subject: user.subject.clone(),
        client_id: request.client.id.clone(),
        scope: chosen.clone(),
    })?;
    consent::remember(context, request, user, (&offered, &chosen)).await?;
    issue(context, request, session, chosen).await
}
