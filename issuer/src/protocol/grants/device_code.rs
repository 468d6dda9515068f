//! The device code grant (RFC 8628 §3.4): the device asks again and again until its user has
//! decided.

use crate::protocol::user_grant::{Granting, effective_scope, issue};
use crate::protocol::{
    Client, Context, DeviceError, Form, InvalidGrant, Issuance, OAuthError, RequestError,
    Unavailable, sessions,
};
use crate::store::{
    ConsentStore, DeviceDecision, DeviceStore, GrantId, GrantStore, Login, OnceStore, SecretDigest,
    SessionId, StoredDevice, Swap,
};
use dockgate_token::Scope;

/// How often a poll is looked at again after another, or the user's decision, has come between.
const ROUNDS: usize = 16;

/// What is added to the interval each time, in seconds (RFC 8628 §3.5).
const SLOWER: u64 = 5;

/// By how much two polls may seem closer than they were, in seconds: each is noted by the second in
/// which it came.
const ROUNDING: u64 = 1;

/// What a user said yes to.
struct Approval<'a> {
    subject: &'a str,
    scope: &'a Scope,
    login: &'a Login,
    session: SessionId,
}

/// Answers a poll; of several at once exactly one gets the tokens.
///
/// # Errors
/// [`DeviceError`] while and where there are no tokens to be had, [`InvalidGrant`] for a code that
/// is not this client's to redeem.
pub(in crate::protocol) async fn redeem<S: ConsentStore + DeviceStore + GrantStore + OnceStore>(
    context: Context<'_, S>,
    client: &Client,
    form: &Form<'_>,
) -> Result<Issuance, OAuthError> {
    let code = form
        .get("device_code")
        .ok_or(RequestError::Missing("device_code"))?;
    let code = SecretDigest::of(code.as_bytes());
    for _ in 0..ROUNDS {
        let device = context.store.device(code, context.now).await?;
        let device = device.ok_or(InvalidGrant::UnknownDeviceCode)?;
        if device.client_id != client.id {
            return Err(InvalidGrant::DeviceCodeOfOther.into());
        }
        let done = match &device.decision {
            DeviceDecision::Redeemed => return Err(InvalidGrant::DeviceCodeRedeemed.into()),
            DeviceDecision::Denied => return Err(DeviceError::Denied.into()),
            _ if device.valid_until <= context.now => return Err(DeviceError::Expired.into()),
            DeviceDecision::Pending => note_poll(context, code, &device).await?,
            DeviceDecision::Approved {
                subject,
                scope,
                login,
                session,
            } => {
                let session = *session;
                let approval = Approval {
                    subject,
                    scope,
                    login,
                    session,
                };
                grant(context, client, (code, &device), approval).await?
            }
        };
        if let Some(issuance) = done {
            return Ok(issuance);
        }
    }
    Err(Unavailable::Contention.into())
}

/// Notes that the device has asked, and answers that there is nothing yet; `None` when the record
/// has changed meanwhile.
async fn note_poll<S: DeviceStore>(
    context: Context<'_, S>,
    code: SecretDigest,
    device: &StoredDevice,
) -> Result<Option<Issuance>, OAuthError> {
    let next = device.polled_at.saturating_add(device.interval);
    let too_soon = context.now.saturating_add(ROUNDING) < next;
    // Beyond the life of the code there is nothing to wait for, and nothing to write.
    let longest = context.server.lifetimes.device_code.max(device.interval);
    let slower = device.interval.saturating_add(SLOWER).min(longest);
    let noted = StoredDevice {
        interval: if too_soon { slower } else { device.interval },
        polled_at: context.now,
        ..device.clone()
    };
    if context.store.note_poll(code, device, &noted).await? == Swap::Changed {
        return Ok(None);
    }
    Err(if too_soon {
        DeviceError::SlowDown
    } else {
        DeviceError::Pending
    }
    .into())
}

/// Turns the code into a grant; `None` when the record has changed meanwhile. Whatever can fail
/// comes before the code is used up.
async fn grant<S: ConsentStore + DeviceStore + GrantStore + OnceStore>(
    context: Context<'_, S>,
    client: &Client,
    (code, device): (SecretDigest, &StoredDevice),
    approval: Approval<'_>,
) -> Result<Option<Issuance>, OAuthError> {
    let id = GrantId::from_bytes(context.random()?);
    let granting = Granting {
        client,
        subject: approval.subject,
        scope: approval.scope.clone(),
        audience: device.audience.clone(),
        resources: device.resources.clone(),
        login: approval.login.clone(),
        session: Some(approval.session),
    };
    let (grant, refresh_token) = granting.record(context, id)?;
    let scope = effective_scope(context, client, &grant)?;
    let resources = grant.resources.clone();
    let tokens = (id, &grant);
    let issuance = issue(
        context,
        client,
        tokens,
        scope,
        &resources,
        refresh_token,
        None,
    )?;
    let redeemed = StoredDevice {
        decision: DeviceDecision::Redeemed,
        ..device.clone()
    };
    let swap = context.store.redeem_device(code, device, &redeemed, tokens);
    match swap.await? {
        Swap::Done => {
            sessions::check_not_ended(context, id, &grant).await?;
            // When the user agreed is not on record, but not before the device began.
            let lifetime = context.server.lifetimes.device_code;
            let began = device.valid_until.saturating_sub(lifetime);
            sessions::check_access_not_ended(context, tokens, began).await?;
            Ok(Some(issuance))
        }
        Swap::Changed => Ok(None),
    }
}

#[cfg(test)]
mod tests;
