//! Users who prove who they are by a password.

use super::{Context, OAuthError, Unavailable, User};
use crate::passwords::{Attempt, TurnedAway};
use crate::throttle::{RetryAfter, Source};

/// The user with this name and password; `None` when there is none, and whichever of the two was
/// wrong, it took the same time.
///
/// # Errors
/// [`Unavailable::Throttled`] after too many wrong passwords from there, and [`Unavailable::Busy`]
/// when too many are being checked.
pub async fn check_password<'a, S>(
    context: Context<'a, S>,
    source: Source,
    username: &str,
    password: &str,
) -> Result<Option<&'a User>, OAuthError> {
    let user = context.server.users.by_name(username);
    let attempt = Attempt {
        username,
        password,
        hash: user.map(|user| user.password_hash.as_str()),
        source,
    };
    let right = context.passwords.check(attempt, context.now).await;
    let right = right.map_err(|turned_away| match turned_away {
        TurnedAway::Throttled(RetryAfter(seconds)) => Unavailable::Throttled(seconds),
        TurnedAway::Busy(RetryAfter(seconds)) => Unavailable::Busy(seconds),
    })?;
    Ok(user.filter(|_| right))
}
