//! A client reads, changes or ends its registration (RFC 7592 §2).
//!
//! A client that is gone, one that never was and a wrong token are one and the same to the outside:
//! 401 (§2.1).

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::task::spawn_blocking;
use tracing::info;

use super::answer::{Told, refuse};
use super::new::client_of;
use crate::audit::AuditEvent;
use crate::http::app::{App, Current};
use crate::http::exchange::{self, Exchange};
use crate::http::responses;
use crate::protocol::registration::metadata::Claimed;
use crate::protocol::registration::{
    ClientMetadata, RegistrationError, RegistrationPolicy, access,
};
use crate::protocol::{BearerError, Unavailable};
use crate::registration::Made;
use crate::store::{
    AdditionStore as _, RegistrationStore as _, SecretDigest, StoredClient, StoredRegistration,
    Swap,
};

/// The preflight of a request about one client.
pub(in crate::http) async fn preflight_of_one(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Response {
    match app.server.registration {
        None => responses::method_not_allowed().await,
        Some(_) => exchange::preflight_of("GET, PUT, DELETE", &app, &headers),
    }
}

/// What is registered (RFC 7592 §2.1).
pub(in crate::http) async fn read(
    State(app): State<Arc<App>>,
    Path(client_id): Path<String>,
    request: Request,
) -> Response {
    if app.server.registration.is_none() {
        return responses::not_found().await;
    }
    let exchange = Exchange::read(app.clone(), request).await;
    match tell(&app, &exchange, &client_id) {
        Ok(told) => told.response(&exchange),
        Err(error) => refuse(&exchange, &error, false),
    }
}

/// Other metadata in place of all that was registered (RFC 7592 §2.2).
pub(in crate::http) async fn change(
    State(current): State<Current>,
    Path(client_id): Path<String>,
    request: Request,
) -> Response {
    let app = current.app();
    let Some(policy) = app.server.registration.clone() else {
        return responses::not_found().await;
    };
    let exchange = Exchange::read(app, request).await;
    match replace(current, &exchange, &policy, client_id).await {
        Ok(told) => {
            let client_id = &told.client.id;
            info!(request_id = exchange.request_id(), %client_id, "registration changed");
            told.response(&exchange)
        }
        Err(error) => refuse(&exchange, &error, false),
    }
}

/// The end of a client (RFC 7592 §2.3). Its grants, codes and tokens are nobody's from then on.
pub(in crate::http) async fn remove(
    State(current): State<Current>,
    Path(client_id): Path<String>,
    request: Request,
) -> Response {
    let app = current.app();
    if app.server.registration.is_none() {
        return responses::not_found().await;
    }
    let exchange = Exchange::read(app, request).await;
    match end(current, &exchange, client_id.clone()).await {
        Ok(()) => {
            info!(
                request_id = exchange.request_id(),
                client_id, "registration ended"
            );
            let client_id = client_id.parse().ok();
            exchange.answer(client_id.as_ref(), StatusCode::NO_CONTENT.into_response())
        }
        Err(error) => refuse(&exchange, &error, false),
    }
}

/// A client as it is kept, which `token` is of.
fn own(
    app: &App,
    client_id: &str,
    token: SecretDigest,
) -> Result<(StoredClient, StoredRegistration), RegistrationError> {
    let registration = app.store.registration(client_id)?;
    let registration = registration.filter(|own| own.access_token == token);
    let client = app.store.added_client(client_id)?;
    // One that the operator has disabled changes nothing.
    let client = client.filter(|client| !client.disabled);
    match (client, registration) {
        (Some(client), Some(registration)) => Ok((client, registration)),
        _ => Err(BearerError::InvalidToken.into()),
    }
}

fn tell(app: &App, exchange: &Exchange, client_id: &str) -> Result<Told, RegistrationError> {
    let (digest, access_token) = presented(exchange)?;
    let (client, registration) = own(app, client_id, digest)?;
    let metadata = serde_json::from_str(&registration.metadata);
    let metadata: ClientMetadata = metadata.map_err(|_| Unavailable::Signing)?;
    let found = client_of(&client, &app.server)?;
    let made = Made {
        client,
        registration,
        secret: None,
    };
    let made = (&made, &metadata);
    Told::of(&app.server, StatusCode::OK, found, made, &access_token)
}

async fn replace(
    current: Current,
    exchange: &Exchange,
    policy: &RegistrationPolicy,
    client_id: String,
) -> Result<Told, RegistrationError> {
    let (digest, access_token) = presented(exchange)?;
    // Before anything is said of the metadata.
    own(&current.app(), &client_id, digest)?;
    let request = exchange.request().map_err(|refusal| refusal.error)?;
    let (metadata, claimed) =
        ClientMetadata::read_update(request.content_type, request.body, &policy.offer)?;
    if claimed.client_id.as_ref() != Some(&client_id) {
        return Err(RegistrationError::OtherClientId);
    }
    let caller = exchange.caller_buf();
    let changing = spawn_blocking(move || {
        current.update(|app| {
            let (_, before) = own(app, &client_id, digest)?;
            check_secret(&claimed, &before)?;
            let made = Made::changed(&client_id, &before, &metadata, app.entropy)?;
            let client = client_of(&made.client, &app.server)?;
            let changed = AuditEvent::ClientChanged {
                client_id: client.id.clone(),
            };
            app.context()
                .asked_by(caller.as_caller())
                .record(&changed)?;
            let swap =
                app.store
                    .change_registered_client(&made.client, &before, &made.registration)?;
            if swap == Swap::Changed {
                return Err(Unavailable::Contention.into());
            }
            app.server.clients.add(client.clone());
            let made = (&made, &metadata);
            Told::of(&app.server, StatusCode::OK, client, made, &access_token)
        })
    });
    let changed = changing.await;
    changed.unwrap_or_else(|_| Err(Unavailable::Contention.into()))
}

/// A client cannot choose its secret (RFC 7592 §2.2).
fn check_secret(claimed: &Claimed, before: &StoredRegistration) -> Result<(), RegistrationError> {
    match &claimed.client_secret {
        Some(secret) if before.client_secret != Some(SecretDigest::of(secret.as_bytes())) => {
            Err(RegistrationError::OtherSecret)
        }
        _ => Ok(()),
    }
}

async fn end(
    current: Current,
    exchange: &Exchange,
    client_id: String,
) -> Result<(), RegistrationError> {
    let (digest, _) = presented(exchange)?;
    let caller = exchange.caller_buf();
    let ending = spawn_blocking(move || {
        current.update(|app| {
            own(app, &client_id, digest)?;
            super::expiry::take_away(app, &client_id, caller.as_caller())
        })
    });
    let ended = ending.await;
    ended.unwrap_or_else(|_| Err(Unavailable::Contention.into()))
}

/// The token of a request, and its digest. An answer has the token as it was presented: nothing else
/// knows it.
fn presented(exchange: &Exchange) -> Result<(SecretDigest, String), RegistrationError> {
    let request = exchange.request().map_err(|refusal| refusal.error)?;
    Ok(access::registration(&request.authorization)?)
}
