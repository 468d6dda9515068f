//! Device authorization requests (RFC 8628 §3.1): a device begins, and shows its user a code.

use dockgate_token::{Scope, encode_segment};
use serde::Serialize;

use super::access_token::Target;
use super::client_authentication::authenticate;
use super::device_flow::{USER_CODE_CHARACTERS, USER_CODE_LENGTH, shown_user_code};
use super::grants::{scope, target};
use super::{
    Client, ClientRequest, Context, Grant, GrantError, OAuthError, Refusal, Unavailable, endpoints,
    pending,
};
use crate::store::{
    DeviceDecision, DeviceStore, OnceStore, Room, SecretDigest, StoredDevice, Swap,
};
use crate::throttle::Pending;

/// How long a device has to wait between two polls at first, in seconds (RFC 8628 §3.2).
const INTERVAL: u64 = 5;

/// How long a record stays after its codes have expired, in seconds: for that long a device is told
/// that it came late, after that its code is unknown.
const LINGER: u64 = 300;

/// How often a user code is drawn again because it is taken. Of 20^8 few ever are.
const DRAWS: usize = 16;

/// The answer (RFC 8628 §3.2). Prints nothing of the codes.
#[derive(Serialize)]
pub struct DeviceAuthorization {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    /// Seconds.
    expires_in: u64,
    /// Seconds.
    interval: u64,
}

/// Answers a device authorization request.
///
/// # Errors
/// [`Refusal`] with the first reason found.
pub async fn respond<'a, S: DeviceStore + OnceStore>(
    context: Context<'a, S>,
    request: &ClientRequest<'_>,
) -> Result<(&'a Client, DeviceAuthorization), Refusal> {
    let form = request.form()?;
    let client = authenticate(context, &request.authorization, &form).await?;
    let refuse = |error| Refusal::of(client, Some(Grant::DeviceCode), error);
    if !client.grants.contains(&Grant::DeviceCode) {
        return Err(refuse(GrantError::NotAllowed(Grant::DeviceCode).into()));
    }
    // What was typed at the device is asked of the user, by whom it may be cut down once more.
    let requested = scope::requested(&form).map_err(refuse)?;
    let of_resource = requested.as_ref().map(scope::of_resource);
    let target = target::target(context.server, &form, of_resource.as_ref()).map_err(refuse)?;
    let scope =
        scope::granted_by_user(requested, client, target.resource_server).map_err(refuse)?;
    let room = pending::begin(context, client, request.address, Pending::Device);
    let room = room.map_err(refuse)?;
    let answer = begin(context, client, (&target, scope), room)
        .await
        .map_err(refuse)?;
    Ok((client, answer))
}

/// Puts the codes on record, with a user code that nobody else has.
async fn begin<S: DeviceStore>(
    context: Context<'_, S>,
    client: &Client,
    (target, scope): (&Target<'_>, Scope),
    room: Room,
) -> Result<DeviceAuthorization, OAuthError> {
    let device_code = encode_segment(&context.random::<32>()?);
    let lifetime = context.server.lifetimes.device_code;
    let valid_until = context.now.saturating_add(lifetime);
    let mut record = StoredDevice {
        expires_at: valid_until.saturating_add(LINGER),
        valid_until,
        client_id: client.id.clone(),
        scope,
        audience: target.resource_server.audience.clone(),
        resources: target.resource_texts(),
        user_code: String::new(),
        interval: INTERVAL,
        // Never: the first poll may come at once.
        polled_at: 0,
        decision: DeviceDecision::Pending,
    };
    let digest = SecretDigest::of(device_code.as_bytes());
    for _ in 0..DRAWS {
        record.user_code = user_code(context)?;
        let added = context.store.add_device(digest, &record, room, context.now);
        if added.await? == Swap::Done {
            return Ok(answer(context, device_code, &record));
        }
    }
    Err(Unavailable::Contention.into())
}

fn answer<S>(
    context: Context<'_, S>,
    device_code: String,
    record: &StoredDevice,
) -> DeviceAuthorization {
    let user_code = shown_user_code(&record.user_code);
    let verification_uri = endpoints::url(&context.server.issuer, endpoints::DEVICE);
    DeviceAuthorization {
        device_code,
        verification_uri_complete: format!("{verification_uri}?user_code={user_code}"),
        user_code,
        verification_uri,
        expires_in: context.server.lifetimes.device_code,
        interval: record.interval,
    }
}

/// Draws a user code. Bytes from 240 on are passed over, so that no character is likelier than
/// another.
fn user_code<S>(context: Context<'_, S>) -> Result<String, OAuthError> {
    let even = u8::MAX - u8::MAX % 20;
    let mut code = String::new();
    for _ in 0..DRAWS {
        let drawn = context.random::<32>()?.into_iter();
        let characters = drawn.filter(|byte| *byte < even).filter_map(|byte| {
            let index = usize::from(byte) % USER_CODE_CHARACTERS.len();
            USER_CODE_CHARACTERS.get(index).copied().map(char::from)
        });
        code.extend(characters.take(USER_CODE_LENGTH - code.len()));
        if code.len() == USER_CODE_LENGTH {
            return Ok(code);
        }
    }
    Err(Unavailable::Entropy.into())
}

#[cfg(test)]
mod tests;
