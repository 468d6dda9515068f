//! A client registers.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::task::spawn_blocking;
use tracing::info;

use super::answer::{Told, refuse};
use crate::additions;
use crate::audit::AuditEvent;
use crate::http::app::{App, Current};
use crate::http::exchange::{self, Exchange};
use crate::http::{cors, responses};
use crate::protocol::registration::access::{self, Access};
use crate::protocol::registration::{ClientMetadata, RegistrationError, RegistrationPolicy};
use crate::protocol::{AuthorizationServer, Client, Unavailable};
use crate::registration::Made;
use crate::store::{AdditionStore as _, RegistrationStore as _, Room, StoredClient};
use crate::throttle::{Registrant, RetryAfter, Source};

/// The preflight. A client that is not there yet has no origin: where anybody may register, pages of
/// any origin may try, and read what they are told if their own origin is among those of the redirect
/// URIs.
pub(in crate::http) async fn preflight(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Response {
    match &app.server.registration {
        None => responses::method_not_allowed().await,
        Some(policy) if policy.open => {
            cors::preflight("POST", cors::allowed_origin(&headers, |_| true))
        }
        Some(_) => exchange::preflight(&app, &headers),
    }
}

/// A registration.
pub(in crate::http) async fn register(
    State(current): State<Current>,
    request: Request,
) -> Response {
    let app = current.app();
    let Some(policy) = app.server.registration.clone() else {
        return responses::not_found().await;
    };
    let exchange = Exchange::read(app.clone(), request).await;
    match add(&current, &app, &exchange, &policy).await {
        Ok(told) => told.response(&exchange),
        Err(error) => refuse(&exchange, &error, policy.open),
    }
}

async fn add(
    current: &Current,
    app: &App,
    exchange: &Exchange,
    policy: &RegistrationPolicy,
) -> Result<Told, RegistrationError> {
    let request = exchange.request().map_err(|refusal| refusal.error)?;
    let now = (app.clock)();
    let access = access::initial(policy, &request.authorization, now)?;
    let registrant = match access {
        Access::Open => Registrant::Anyone(Source::browser(request.address)),
        Access::Token(name) => Registrant::Holder(name),
    };
    let taken = app.throttles.registrations.take(registrant, now);
    taken.map_err(|RetryAfter(seconds)| Unavailable::Throttled(seconds))?;
    let metadata = ClientMetadata::read(request.content_type, request.body, &policy.offer)?;

    let present = || current.app().server.clients.registered_count();
    // Strangers must not take the last place from who was invited.
    let room = match access {
        Access::Open => Room::Open,
        Access::Token(_) => Room::Whole,
    };
    let place = app
        .registrations
        .place(present, room.of(policy.max_clients));
    let _place = place.ok_or(Unavailable::Full("registered clients"))?;
    let (made, access_token) = Made::new(&metadata, now, app.entropy)?;
    let client = client_of(&made.client, &app.server)?;
    let registered = AuditEvent::ClientRegistered {
        client_id: client.id.clone(),
    };
    exchange.context().record(&registered)?;
    app.store
        .add_registered_client(&made.client, &made.registration)
        .await?;
    app.registrations.added(client.id.clone(), now);
    put_in_place(current, made.client.clone()).await?;
    let by = match access {
        Access::Open => None,
        Access::Token(name) => Some(name),
    };
    info!(
        request_id = exchange.request_id(),
        client_id = %client.id,
        initial_access_token = by,
        "client registered"
    );
    let made = (&made, &metadata);
    Told::of(
        &app.server,
        StatusCode::CREATED,
        client,
        made,
        &access_token,
    )
}

/// The client that a record says.
pub(super) fn client_of(
    stored: &StoredClient,
    server: &AuthorizationServer,
) -> Result<Client, RegistrationError> {
    let checked = additions::client(stored, server);
    let checked = checked.map_err(|taken| RegistrationError::Unfit(vec![format!("{taken}.")]))?;
    checked.map_err(RegistrationError::Unfit)
}

/// Requests that arrive from now on find the client, unless somebody has taken it away meanwhile.
async fn put_in_place(current: &Current, stored: StoredClient) -> Result<(), RegistrationError> {
    let current = current.clone();
    let put = spawn_blocking(move || {
        current.update(|app| {
            if app.store.added_client(&stored.client_id)?.is_some() {
                let client = client_of(&stored, &app.server)?;
                app.server.clients.add(client);
            }
            Ok(())
        })
    });
    put.await
        .unwrap_or_else(|_| Err(Unavailable::Contention.into()))
}
