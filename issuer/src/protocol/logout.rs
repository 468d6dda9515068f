//! RP-initiated logout (OIDC RP-Initiated Logout 1.0). [`read`] says what a request means,
//! [`LogoutRequest::needs_confirmation`] whether the user has to agree first, [`end`] ends a session.

use dockgate_token::ClientId;

use super::client_id_metadata::is_document;
use super::id_token::id_token_of;
use super::redirect_uri::RedirectTarget;
use super::{Client, Context, Form, LogoutError, OAuthError, sessions};
use crate::audit::AuditEvent;
use crate::store::{AuditStore, GrantStore, OnceStore, SecretDigest, SessionStore, StoredSession};

/// The longest `state` that is repeated, in bytes: encoded three times as long, it still fits into a
/// header.
const MAX_STATE_BYTES: usize = 8 * 1024;

/// A logout request that can be trusted as far as it goes: its client and its hint are known here,
/// and it redirects to nowhere but where the client has registered.
#[derive(Debug)]
pub struct LogoutRequest<'a> {
    client: Option<&'a Client>,
    hinted_subject: Option<String>,
    target: Option<RedirectTarget>,
}

/// Reads the parameters (OIDC RP-Initiated Logout §2), which come in the query or in a form.
/// `logout_hint` is ignored, which only helps a server that has to guess whose session is meant;
/// `ui_locales` is for the pages.
///
/// # Errors
/// [`LogoutError`], with which nothing may be ended and nobody redirected (§4).
pub fn read<'a, S>(
    context: Context<'a, S>,
    form: &Form<'_>,
) -> Result<LogoutRequest<'a>, LogoutError> {
    let named = form.get("client_id");
    let named = named
        .map(|id| {
            let id: ClientId = id.parse().map_err(|_| LogoutError::UnknownClient)?;
            Asking::of(context, id)
        })
        .transpose()?;
    let hint = form.get("id_token_hint");
    let hint = hint.map(|token| hint_of(context, token)).transpose()?;
    let client = match (named, &hint) {
        // The client that asks is the one that the token was issued to (§2).
        (Some(named), Some(hint)) if named.id != hint.asking.id => {
            return Err(LogoutError::HintOfOtherClient);
        }
        (Some(named), _) => named.client,
        (None, hint) => hint.as_ref().and_then(|hint| hint.asking.client),
    };
    let target = form.get("post_logout_redirect_uri");
    let target = target
        .map(|uri| redirect_target(client, uri, form.get("state")))
        .transpose()?;
    Ok(LogoutRequest {
        client,
        hinted_subject: hint.map(|hint| hint.subject),
        target,
    })
}

/// The client that asks.
struct Asking<'a> {
    id: ClientId,
    /// `None` for one that is a document: all that would be looked up in it is where to go afterwards,
    /// which is not taken from there. A logout must not depend on whether its host is well.
    client: Option<&'a Client>,
}

impl<'a> Asking<'a> {
    fn of<S>(context: Context<'a, S>, id: ClientId) -> Result<Self, LogoutError> {
        let client = context.server.clients.get(&id);
        if client.is_none() && !is_document(&id) {
            return Err(LogoutError::UnknownClient);
        }
        Ok(Self { id, client })
    }
}

struct Hint<'a> {
    asking: Asking<'a>,
    subject: String,
}

/// An ID token of ours. It may have ended: it names a session, it does not prove one (§2).
fn hint_of<'a, S>(context: Context<'a, S>, token: &str) -> Result<Hint<'a>, LogoutError> {
    let claims = id_token_of(context, token).ok_or(LogoutError::InvalidHint)?;
    Ok(Hint {
        asking: Asking::of(context, claims.aud)?,
        subject: claims.sub,
    })
}

/// Where to go afterwards: one of the client's registered URIs, compared as redirect URIs are (§3).
fn redirect_target(
    client: Option<&Client>,
    uri: &str,
    state: Option<&str>,
) -> Result<RedirectTarget, LogoutError> {
    let client = client.ok_or(LogoutError::RedirectWithoutClient)?;
    let mut registered = client.post_logout_redirect_uris.iter();
    let target = registered.find_map(|own| own.target(uri, client.application_type));
    let target = target.ok_or(LogoutError::UnregisteredRedirect)?;
    match state {
        None => Ok(target),
        Some(state) if state.len() <= MAX_STATE_BYTES => Ok(target.with("state", state)),
        Some(_) => Err(LogoutError::StateTooLong),
    }
}

impl<'a> LogoutRequest<'a> {
    /// The client that asks, if it says who it is.
    pub fn client(&self) -> Option<&'a Client> {
        self.client
    }

    /// Whether to ask the user before `session` ends. Anybody's page can send a browser here; only
    /// who has an ID token of the user's is believed without asking (§2, §6).
    pub fn needs_confirmation(&self, session: Option<&StoredSession>) -> bool {
        session.is_some_and(|session| self.hinted_subject.as_deref() != Some(&session.subject))
    }

    /// Whether the browser may go where the client says although its user was not asked. One that nobody
    /// vouches for has to have the ID token of the very user whose session ends here: anything else
    /// anybody could have put into a link (RFC 9700 §4.11.2).
    pub fn leads_unasked(&self, session: Option<&StoredSession>) -> bool {
        let vouched = !self.client.is_some_and(Client::describes_itself);
        vouched || (session.is_some() && !self.needs_confirmation(session))
    }

    /// The host of [`LogoutRequest::redirect`], or the application's own scheme.
    pub fn host(&self) -> Option<String> {
        self.target.as_ref().map(RedirectTarget::host)
    }

    /// Where the browser goes once there is no session any more, `state` included (§3).
    pub fn redirect(&self) -> Option<&str> {
        self.target.as_ref().map(RedirectTarget::as_str)
    }
}

/// Ends a login session as its user asks: see [`end_session`].
///
/// # Errors
/// When the store fails: the session may then still be alive.
pub async fn end<S: SessionStore + GrantStore + OnceStore + AuditStore>(
    context: Context<'_, S>,
    session: &StoredSession,
    cookie: SecretDigest,
) -> Result<(), OAuthError> {
    context.record(&AuditEvent::LoggedOut {
        subject: session.subject.clone(),
        session_id: session.id,
    })?;
    end_session(context, session, cookie).await
}

/// Ends a login session, and with it every grant that was made in it for as long as the user is
/// there: all but those with `offline_access` (OIDC Core §11). Codes that were handed out in it are
/// no longer good either. On disk when this returns.
///
/// The session goes last: while it is there, a logout that failed can be tried again. That it ended
/// is noted first, so that a code which is being redeemed now meets either the note or this.
///
/// # Errors
/// When the store fails: the session may then still be alive.
pub(super) async fn end_session<S: SessionStore + GrantStore + OnceStore>(
    context: Context<'_, S>,
    session: &StoredSession,
    cookie: SecretDigest,
) -> Result<(), OAuthError> {
    sessions::note_end(context, session).await?;
    let grants = context.store.grants_of(&session.subject, context.now);
    for (id, grant) in grants.await? {
        if grant.session == Some(session.lineage) && !sessions::outlasts_logout(&grant) {
            context.store.remove_grant(id).await?;
        }
    }
    context.store.remove_session(cookie).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
