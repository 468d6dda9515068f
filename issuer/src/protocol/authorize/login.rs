//! Whether the user has to log in first.

use super::request::AuthorizationRequest;
use crate::clock::UnixSeconds;
use crate::protocol::{AuthorizationError, Context, User};
use crate::store::{SessionId, StoredSession};

/// A browser's way through the pages, from its request to the answer. The same at every step: the
/// page keeps it, sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// When the request came.
    pub started_at: UnixSeconds,
    /// The session that the browser had then. Every login makes a session with an id of its own,
    /// so another one is known to be newer even within the same second.
    pub session: Option<SessionId>,
}

/// What the login page needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginPrompt {
    /// What to put into the username field; it comes from the client and can be anything.
    pub login_hint: Option<String>,
    /// Why there is a login page.
    pub reason: LoginReason,
}

/// Why the user has to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginReason {
    /// Nobody is logged in.
    NoSession,
    /// The client demands a fresh login: `prompt=login`.
    AskedFor,
    /// The client demands that the user chooses an account: `prompt=select_account`.
    SelectAccount,
    /// The login is older than `max_age`.
    TooOld,
    /// Somebody else is logged in than `id_token_hint` says.
    OtherUser,
}

impl Flow {
    /// Whether the session comes of a login in this flow.
    pub(super) fn has_made(&self, session: &StoredSession) -> bool {
        session.login.at >= self.started_at && self.session != Some(session.id)
    }
}

/// The user of the session, or why there has to be a login.
///
/// # Errors
/// `login_required` when the user has logged in for this very request, as another than the hint
/// says: to ask once more would go on for ever (OIDC Core §3.1.2.1, `id_token_hint`).
pub(super) fn logged_in<'a, 's, S>(
    context: Context<'a, S>,
    request: &AuthorizationRequest<'_>,
    session: Option<&'s StoredSession>,
    flow: &Flow,
) -> Result<Result<(&'s StoredSession, &'a User), LoginReason>, AuthorizationError> {
    let live = session.filter(|session| session.expires_at > context.now);
    let users = &context.server.users;
    let user = |session: &StoredSession| users.who_logged_in(&session.subject, &session.login);
    let Some((session, user)) = live.and_then(|session| Some((session, user(session)?))) else {
        return Ok(Err(LoginReason::NoSession));
    };
    let fresh = flow.has_made(session);
    let hinted = request.hinted_subject.as_ref();
    if hinted.is_some_and(|subject| *subject != session.subject) {
        return if fresh {
            Err(AuthorizationError::OtherUser)
        } else {
            Ok(Err(LoginReason::OtherUser))
        };
    }
    let age = context.now.saturating_sub(session.login.at);
    let reason = match request.prompt {
        _ if fresh => None,
        prompt if prompt.login => Some(LoginReason::AskedFor),
        prompt if prompt.select_account => Some(LoginReason::SelectAccount),
        // At the same second a login is not older than 0 seconds, yet 0 is the same as
        // `prompt=login` (OIDC Core §3.1.2.1).
        _ if request.max_age.is_some_and(|max| age > max || max == 0) => Some(LoginReason::TooOld),
        _ => None,
    };
    Ok(reason.map_or(Ok((session, user)), Err))
}
