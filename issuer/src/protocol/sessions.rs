//! Login sessions: a browser that has logged in, known by a cookie.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Context, InvalidGrant, OAuthError, User, logout};
use crate::audit::AuditEvent;
use crate::clock::UnixSeconds;
use crate::store::{
    AuditStore, ConsentStore, GrantId, GrantStore, Login, OnceStore, SecretDigest, SessionId,
    SessionNote, SessionStore, StoredGrant, StoredSession, Swap,
};

/// Secret bits of a cookie, in bytes.
const SECRET: usize = 32;

/// A session is kept alive no more often than this, in seconds: a page costs no write.
const EXTEND_AFTER: u64 = 60;

/// The value of a session's cookie. Does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSecret(String);

impl SessionSecret {
    /// The value: for the browser alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret(..)")
    }
}

/// A session that is alive.
#[derive(Clone, Debug)]
pub struct LiveSession {
    /// What the store knows it by.
    pub cookie: SecretDigest,
    /// The session.
    pub session: StoredSession,
}

/// Begins a session of `user`, who has proved who they are just now by `methods` (RFC 8176), in the
/// place of the one that the browser had before. Cookie and name are always new ones: nobody can
/// have put the cookie into the browser, and a login is told from the one before. Of the same user,
/// what was granted in the session of before goes on in this one, as does what is only on the way to
/// be granted; that of another user ends as if they had logged out.
///
/// # Errors
/// When the store or the random source fails.
pub async fn begin<S: SessionStore + GrantStore + OnceStore + AuditStore>(
    context: Context<'_, S>,
    user: &User,
    methods: &[&str],
    before: Option<&LiveSession>,
    seen_as: SessionNote,
) -> Result<(SessionSecret, LiveSession), OAuthError> {
    let secret = SessionSecret(URL_SAFE_NO_PAD.encode(context.random::<SECRET>()?));
    let lifetimes = &context.server.lifetimes;
    let ends_at = context.now.saturating_add(lifetimes.session_absolute);
    let idle_end = context.now.saturating_add(lifetimes.session_idle);
    let id = SessionId::from_bytes(context.random()?);
    let same_user = before.filter(|before| before.session.subject == user.subject);
    let session = StoredSession {
        expires_at: idle_end.min(ends_at),
        ends_at,
        id,
        lineage: same_user.map_or(id, |before| before.session.lineage),
        subject: user.subject.clone(),
        login: Login {
            at: context.now,
            methods: methods.iter().map(|&method| method.to_owned()).collect(),
        },
    };
    let cookie = SecretDigest::of(secret.expose().as_bytes());
    context.record(&AuditEvent::LoginSucceeded {
        subject: user.subject.clone(),
        client_id: None,
    })?;
    let note = SessionNote {
        last_used: context.now,
        ..seen_as
    };
    context.store.put_session(cookie, &session, &note).await?;
    match (before, same_user) {
        (_, Some(before)) => context.store.remove_session(before.cookie).await?,
        (Some(before), None) => logout::end(context, &before.session, before.cookie).await?,
        (None, None) => {}
    }
    Ok((secret, LiveSession { cookie, session }))
}

/// Remembers that a session was ended, for as long as there may be codes that were handed out in it:
/// [`check_not_ended`] knows it from then on.
pub(super) async fn note_end<S: OnceStore>(
    context: Context<'_, S>,
    session: &StoredSession,
) -> Result<(), OAuthError> {
    let lifetimes = &context.server.lifetimes;
    let until = context
        .now
        .saturating_add(lifetimes.code.max(lifetimes.device_code));
    // A code is still good in its last second.
    let until = until.saturating_add(1);
    Ok(context.store.revoke(ended(session.lineage), until).await?)
}

/// Takes a grant that was added just now away again if the session it was made in has been ended
/// meanwhile: a code that was handed out before a logout gives nothing after it. To be called after
/// the grant was added: a logout that comes later finds the grant itself.
///
/// What has `offline_access` outlasts a logout (OIDC Core §11).
///
/// # Errors
/// [`InvalidGrant::SessionEnded`].
pub(super) async fn check_not_ended<S: GrantStore + OnceStore>(
    context: Context<'_, S>,
    id: GrantId,
    grant: &StoredGrant,
) -> Result<(), OAuthError> {
    let Some(session) = grant.session.filter(|_| !outlasts_logout(grant)) else {
        return Ok(());
    };
    if !context.store.is_revoked(ended(session)).await? {
        return Ok(());
    }
    context.store.remove_grant(id).await?;
    Err(InvalidGrant::SessionEnded.into())
}

/// Whether a grant is meant to be used while its user is away (OIDC Core §11).
pub(super) fn outlasts_logout(grant: &StoredGrant) -> bool {
    grant.scope.contains("offline_access")
}

/// Takes a grant that was added just now away again if the user has meanwhile ended the client's
/// access: what was agreed to at `agreed_at` gives nothing after that. To be called after the grant
/// was added: who ends the access later finds the grant itself.
///
/// # Errors
/// [`InvalidGrant::AccessEnded`].
pub(super) async fn check_access_not_ended<S: GrantStore + ConsentStore>(
    context: Context<'_, S>,
    (id, grant): (GrantId, &StoredGrant),
    agreed_at: UnixSeconds,
) -> Result<(), OAuthError> {
    let ended = context
        .store
        .access_ended_at(&grant.subject, &grant.client_id);
    match ended.await? {
        // Of what happened in the same second nobody knows which came first.
        Some(ended_at) if agreed_at <= ended_at => {
            context.store.remove_grant(id).await?;
            Err(InvalidGrant::AccessEnded.into())
        }
        _ => Ok(()),
    }
}

/// The name under which the end of a session is noted.
fn ended(lineage: SessionId) -> SecretDigest {
    SecretDigest::of(&[b"session ended ".as_slice(), lineage.as_bytes()].concat())
}

/// The session of a cookie, if it is alive and its user still counts it. Finding it keeps it alive.
///
/// # Errors
/// When the store fails.
pub async fn find<S: SessionStore>(
    context: Context<'_, S>,
    cookie: &str,
) -> Result<Option<LiveSession>, OAuthError> {
    let cookie = SecretDigest::of(cookie.as_bytes());
    let Some(session) = context.store.session(cookie, context.now).await? else {
        return Ok(None);
    };
    let users = &context.server.users;
    if users
        .who_logged_in(&session.subject, &session.login)
        .is_none()
    {
        return Ok(None);
    }
    let idle = context.server.lifetimes.session_idle;
    let expires_at = context.now.saturating_add(idle).min(session.ends_at);
    if expires_at < session.expires_at.saturating_add(EXTEND_AFTER) {
        return Ok(Some(LiveSession { cookie, session }));
    }
    let extended = StoredSession {
        expires_at,
        ..session.clone()
    };
    // Somebody may be logging out just now: what is gone stays gone.
    let swapped = context
        .store
        .extend_session(cookie, &session, &extended, context.now);
    Ok(match swapped.await? {
        Swap::Done => Some(LiveSession {
            cookie,
            session: extended,
        }),
        Swap::Changed => {
            let session = context.store.session(cookie, context.now).await?;
            session.map(|session| LiveSession { cookie, session })
        }
    })
}

#[cfg(test)]
mod tests;
