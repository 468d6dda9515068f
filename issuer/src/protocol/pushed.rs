//! Pushed authorization requests (RFC 9126): a client hands in its request itself, authenticated
//! and out of the browser's sight, and gets a name for it.

use dockgate_token::{ClientId, encode_segment};
use serde::Serialize;

use super::authorize::{Arrival, AuthorizeError, check};
use super::client_authentication::authenticate;
use super::pending::begin;
use super::{ClientRequest, Context, Form, OAuthError, Refusal, RequestError};
use crate::store::{OnceStore, PushedRequestStore, Room, SecretDigest, StoredPushedRequest};
use crate::throttle::Pending;

/// What the names of pushed requests begin with (RFC 9126 §2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// The name of a request that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRequest {
    /// Who pushed it.
    pub client_id: ClientId,
    /// What the client is answered.
    pub answer: PushedRequestAnswer,
}

/// The answer (RFC 9126 §2.2).
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PushedRequestAnswer {
    request_uri: String,
    /// In seconds.
    expires_in: u64,
}

impl std::fmt::Debug for PushedRequestAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PushedRequestAnswer(..)")
    }
}

/// Keeps a request. The client is authenticated as at the token endpoint, the request is checked as
/// it would be at the authorization endpoint (RFC 9126 §2.1), and what is wrong with it is told at
/// once.
///
/// # Errors
/// [`Refusal`] with the first reason found.
pub async fn push<S: PushedRequestStore + OnceStore>(
    context: Context<'_, S>,
    request: &ClientRequest<'_>,
) -> Result<PushedRequest, Refusal> {
    let form = request.form()?;
    let client = authenticate(context, &request.authorization, &form).await?;
    let refuse = |error| Refusal::of(client, None, error);
    // A request that refers to another one is no request (RFC 9126 §2.1).
    if form.has("request_uri") {
        return Err(refuse(RequestError::Malformed("request_uri").into()));
    }
    let checked = check(context, client, &form, Arrival::Push);
    let checked = checked.map_err(|error| refuse(AuthorizeError::reason(&error)))?;
    let room = begin(context, client, request.address, Pending::PushedRequest).map_err(refuse)?;
    let answer = keep(context, &client.id, checked.kept(), room).await;
    Ok(PushedRequest {
        client_id: client.id.clone(),
        answer: answer.map_err(refuse)?,
    })
}

async fn keep<S: PushedRequestStore>(
    context: Context<'_, S>,
    client_id: &ClientId,
    parameters: &str,
    room: Room,
) -> Result<PushedRequestAnswer, OAuthError> {
    let expires_in = context.server.lifetimes.pushed_request;
    let name = encode_segment(&context.random::<32>()?);
    let record = StoredPushedRequest {
        expires_at: context.now.saturating_add(expires_in),
        client_id: client_id.clone(),
        parameters: parameters.to_owned(),
    };
    let reference = SecretDigest::of(name.as_bytes());
    let added = context.store.add_pushed_request(reference, &record, room);
    added.await?;
    Ok(PushedRequestAnswer {
        request_uri: format!("{PREFIX}{name}"),
        expires_in,
    })
}

/// What the store knows a pushed request by, where `request_uri` is the name of one.
pub(super) fn reference(form: &Form<'_>) -> Option<SecretDigest> {
    let name = form.get("request_uri")?.strip_prefix(PREFIX)?;
    Some(SecretDigest::of(name.as_bytes()))
}

#[cfg(test)]
mod tests;
