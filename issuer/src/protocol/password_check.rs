//! Users who prove who they are by a password.

use dockgate_token::ClientId;

use super::{Context, OAuthError, Unavailable, User};
use crate::audit::AuditEvent;
use crate::passwords::{Attempt, TurnedAway};
use crate::store::AuditStore;
use crate::throttle::{RetryAfter, Source};

/// The user with this name and password; `None` when there is none, and whichever of the two was
/// wrong, it took the same time.
///
/// # Errors
/// [`Unavailable::Throttled`] after too many wrong passwords from there, and [`Unavailable::Busy`]
/// when too many are being checked.
pub async fn check_password<'a, S: AuditStore>(
    context: Context<'a, S>,
    source: Source,
    username: &str,
    password: &str,
) -> Result<Option<&'a User>, OAuthError> {
    check_password_for(context, None, source, username, password).await
}

/// The same for a client that has the user's password, with the same errors. What does not go well
/// is put on record.
pub(super) async fn check_password_for<'a, S: AuditStore>(
    context: Context<'a, S>,
    client: Option<&ClientId>,
    source: Source,
    username: &str,
    password: &str,
) -> Result<Option<&'a User>, OAuthError> {
    let user = context.server.users.by_name(username);
    let attempt = Attempt {
        username,
        password,
        hash: user.map(|user| user.password_hash.as_str()),
        // A hash of the configuration is the operator's.
        is_renewable: !context.server.users.is_configured(username),
        source,
    };
    let right = context.passwords.check(attempt, context.now).await;
    let subject = user.map(|user| user.subject.clone());
    let client_id = client.cloned();
    match right {
        Ok(true) => Ok(user),
        Ok(false) => {
            context.record(&AuditEvent::LoginFailed { subject, client_id })?;
            Ok(None)
        }
        Err(TurnedAway::Throttled(RetryAfter(seconds))) => {
            context.record(&AuditEvent::LoginThrottled { subject, client_id })?;
            Err(Unavailable::Throttled(seconds).into())
        }
        Err(TurnedAway::Busy(RetryAfter(seconds))) => Err(Unavailable::Busy(seconds).into()),
    }
}
