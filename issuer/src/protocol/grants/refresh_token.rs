//! The refresh token grant (RFC 6749 §6), with rotation (RFC 9700 §4.14.2).
//!
//! A token is good once. What happens when it comes again depends on when that is and on whether
//! its successor has been used: two tabs that refresh at once, or an answer that got lost, look like
//! a theft that they are not.

use dockgate_token::Scope;

use super::{scope, target};
use crate::audit::AuditEvent;
use crate::clock::UnixSeconds;
use crate::protocol::refresh_token::{Presented, generate};
use crate::protocol::user_grant::{effective_scope, issue};
use crate::protocol::{
    Client, Context, Form, GrantError, InvalidGrant, Issuance, OAuthError, RequestError,
    Unavailable,
};
use crate::store::{
    AuditStore, GrantStore, Predecessor, RefreshFamily, Retired, SecretDigest, StoredGrant, Swap,
};

/// How often a lost race is run again. Each round somebody has won, and who lost to a rotation of
/// the same token finds its successor there.
const ROUNDS: usize = 16;

/// Rotated tokens that are remembered within the window; a client that rotates faster does not
/// wait for answers.
const MAX_RETIRED: usize = 8;

/// Where a token of the family stands.
enum Standing<'a> {
    /// It is the current one: it is rotated now.
    Current,
    /// It was rotated a moment ago and its successor has not been used: the same one again.
    Superseded(&'a Predecessor),
    /// It was rotated a moment ago and its successor has been used: a latecomer of a race.
    Late,
    /// It was rotated before the window: two parties have the family's tokens.
    Replayed,
}

/// Rotates a refresh token and issues an access token. The successor is on disk before it is
/// handed out.
///
/// # Errors
/// [`OAuthError`] for a token that is not good, and for more scope or other resources than were
/// granted.
pub(in crate::protocol) async fn redeem<S: GrantStore + AuditStore>(
    context: Context<'_, S>,
    client: &Client,
    form: &Form<'_>,
) -> Result<Issuance, OAuthError> {
    let token = form
        .get("refresh_token")
        .ok_or(RequestError::Missing("refresh_token"))?;
    let token = Presented::parse(token).ok_or(InvalidGrant::UnknownRefreshToken)?;
    for _ in 0..ROUNDS {
        let (grant, family) = family_of(context, client, &token).await?;
        let id = token.grant();
        let digest = token.digest();
        let successor = match standing(&family, digest, context) {
            Standing::Replayed => {
                context.record(&AuditEvent::RefreshTokenReused {
                    subject: grant.subject,
                    client_id: grant.client_id,
                    grant_id: id,
                })?;
                context.store.remove_grant(id).await?;
                return Err(InvalidGrant::RefreshTokenReplayed.into());
            }
            Standing::Late => return Err(InvalidGrant::RefreshTokenReplayedInWindow.into()),
            Standing::Superseded(predecessor) => Some(
                token
                    .open(&predecessor.sealed_successor)
                    .ok_or(InvalidGrant::UnknownRefreshToken)?,
            ),
            Standing::Current => None,
        };
        // Whatever can fail comes before the rotation: a request that is refused uses nothing up.
        let scope = narrowed(context, client, &grant, form)?;
        let resources = target::narrowed(context.server, &grant, form)?;
        let (successor, grant) = match successor {
            Some(again) => (again, grant),
            None => {
                let (successor, next) = generate(context, id, &family.tag_key)?;
                let sealed = token.seal(context, &successor)?;
                let rotated = rotated(context, &grant, &family, next, sealed);
                match context.store.swap_grant(id, &grant, &rotated).await? {
                    Swap::Done => (successor, rotated),
                    Swap::Changed => continue,
                }
            }
        };
        let tokens = (id, &grant);
        return issue(
            context,
            client,
            tokens,
            scope,
            &resources,
            Some(successor),
            None,
        );
    }
    Err(Unavailable::Contention.into())
}

/// The grant of a token that was made for it and for this client (RFC 6749 §10.4).
async fn family_of<S: GrantStore>(
    context: Context<'_, S>,
    client: &Client,
    token: &Presented,
) -> Result<(StoredGrant, RefreshFamily), OAuthError> {
    let unknown = InvalidGrant::UnknownRefreshToken;
    let grant = context.store.grant(token.grant(), context.now).await?;
    let grant = grant.ok_or(unknown.clone())?;
    let family = grant.refresh.clone().ok_or(unknown.clone())?;
    if !token.is_of(&family) {
        return Err(unknown.into());
    }
    if grant.client_id != client.id {
        return Err(InvalidGrant::RefreshTokenOfOther.into());
    }
    Ok((grant, family))
}

fn standing<'a, S>(
    family: &'a RefreshFamily,
    token: SecretDigest,
    context: Context<'_, S>,
) -> Standing<'a> {
    let grace = context.server.lifetimes.refresh_grace;
    let recent = |rotated_at| is_recent(rotated_at, context.now, grace);
    if family.current == token {
        return Standing::Current;
    }
    match &family.predecessor {
        Some(predecessor) if predecessor.token == token && recent(predecessor.rotated_at) => {
            return Standing::Superseded(predecessor);
        }
        _ => {}
    }
    let mut retired = family.retired.iter();
    if retired.any(|retired| retired.token == token && recent(retired.rotated_at)) {
        return Standing::Late;
    }
    Standing::Replayed
}

/// Whether a rotation is within the window. A window of 0 has nothing in it, not even this second.
fn is_recent(rotated_at: UnixSeconds, now: UnixSeconds, grace: u64) -> bool {
    grace > 0 && now.saturating_sub(rotated_at) <= grace
}

/// The grant with `next` as its current token.
fn rotated<S>(
    context: Context<'_, S>,
    grant: &StoredGrant,
    family: &RefreshFamily,
    next: SecretDigest,
    sealed_successor: Vec<u8>,
) -> StoredGrant {
    let lifetimes = &context.server.lifetimes;
    let mut retired = family.retired.clone();
    if let Some(predecessor) = &family.predecessor {
        retired.push(Retired {
            token: predecessor.token,
            rotated_at: predecessor.rotated_at,
        });
    }
    retired.retain(|old| is_recent(old.rotated_at, context.now, lifetimes.refresh_grace));
    let excess = retired.len().saturating_sub(MAX_RETIRED);
    retired.drain(..excess);
    let idle_end = context.now.saturating_add(lifetimes.refresh_idle);
    StoredGrant {
        expires_at: idle_end.min(family.ends_at),
        refresh: Some(RefreshFamily {
            current: next,
            predecessor: Some(Predecessor {
                token: family.current,
                rotated_at: context.now,
                sealed_successor,
            }),
            retired,
            ..family.clone()
        }),
        ..grant.clone()
    }
}

/// The scope of this access token: what is asked for of what was granted (RFC 6749 §6). It does not
/// stick: the next refresh may have all of it again.
fn narrowed<S>(
    context: Context<'_, S>,
    client: &Client,
    grant: &StoredGrant,
    form: &Form<'_>,
) -> Result<Scope, OAuthError> {
    let all = effective_scope(context, client, grant)?;
    let Some(requested) = scope::requested(form)? else {
        return Ok(all);
    };
    let excess = requested.iter().find(|token| !all.contains(token));
    match excess {
        Some(excess) => Err(GrantError::ScopeNotAllowed(excess.to_owned()).into()),
        None => Ok(requested),
    }
}

#[cfg(test)]
mod tests;
