//! Device authorization requests over HTTP. The rules are in `protocol::device_authorization`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use tracing::info;

use super::app::App;
use super::exchange::{self, Exchange};
use crate::protocol::device_authorization::respond;
use crate::protocol::{Client, Refusal, Unavailable};

/// The preflight of a device authorization request.
pub(super) async fn preflight(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    exchange::preflight(&app, &headers)
}

/// A device authorization request.
pub(super) async fn begin(State(app): State<Arc<App>>, request: Request) -> Response {
    let exchange = Exchange::read(app, request).await;
    match ask(&exchange).await {
        Ok((client, body)) => {
            let request_id = exchange.request_id();
            info!(request_id, client_id = %client.id, "device authorization begun");
            let response = ([(CONTENT_TYPE, "application/json")], body).into_response();
            exchange.answer(Some(&client.id), response)
        }
        Err(refusal) => exchange.refuse(&refusal),
    }
}

async fn ask(exchange: &Exchange) -> Result<(&Client, String), Refusal> {
    let (client, answer) = respond(exchange.context(), &exchange.request()?).await?;
    let body = serde_json::to_string(&answer).map_err(|_| Unavailable::Signing)?;
    Ok((client, body))
}
