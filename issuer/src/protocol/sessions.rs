//! Login sessions: a browser that has logged in, known by a cookie.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Context, OAuthError, User, logout};
use crate::store::{
    GrantStore, Login, SecretDigest, SessionId, SessionStore, StoredGrant, StoredSession, Swap,
};

/// Secret bits of a cookie, in bytes.
const SECRET: usize = 32;

/// A session is kept alive no more often than this, in seconds: a page costs no write.
const EXTEND_AFTER: u64 = 60;

/// How often a grant that is being refreshed is tried again.
const ROUNDS: usize = 16;

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
/// what was granted in the session of before goes on in this one; that of another user ends as if
/// they had logged out.
///
/// # Errors
/// When the store or the random source fails.
pub async fn begin<S: SessionStore + GrantStore>(
    context: Context<'_, S>,
    user: &User,
    methods: &[&str],
    before: Option<&LiveSession>,
) -> Result<(SessionSecret, LiveSession), OAuthError> {
    let secret = SessionSecret(URL_SAFE_NO_PAD.encode(context.random::<SECRET>()?));
    let lifetimes = &context.server.lifetimes;
    let ends_at = context.now.saturating_add(lifetimes.session_absolute);
    let idle_end = context.now.saturating_add(lifetimes.session_idle);
    let session = StoredSession {
        expires_at: idle_end.min(ends_at),
        ends_at,
        id: SessionId::from_bytes(context.random()?),
        subject: user.subject.clone(),
        login: Login {
            at: context.now,
            methods: methods.iter().map(|&method| method.to_owned()).collect(),
        },
    };
    let cookie = SecretDigest::of(secret.expose().as_bytes());
    context.store.put_session(cookie, &session).await?;
    match before {
        Some(before) if before.session.subject == user.subject => {
            move_grants(context, &before.session, session.id).await?;
            context.store.remove_session(before.cookie).await?;
        }
        Some(before) => logout::end(context, &before.session, before.cookie).await?,
        None => {}
    }
    Ok((secret, LiveSession { cookie, session }))
}

/// Makes what was granted in one session end with another one.
async fn move_grants<S: GrantStore>(
    context: Context<'_, S>,
    from: &StoredSession,
    to: SessionId,
) -> Result<(), OAuthError> {
    let grants = context.store.grants_of(&from.subject, context.now).await?;
    for (id, mut grant) in grants {
        for _ in 0..ROUNDS {
            if grant.session != Some(from.id) {
                break;
            }
            let moved = StoredGrant {
                session: Some(to),
                ..grant.clone()
            };
            if context.store.swap_grant(id, &grant, &moved).await? == Swap::Done {
                break;
            }
            match context.store.grant(id, context.now).await? {
                Some(changed) => grant = changed,
                None => break,
            }
        }
    }
    Ok(())
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
    let swapped = context.store.extend_session(cookie, &session, &extended);
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
