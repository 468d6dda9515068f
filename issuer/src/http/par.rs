//! Pushed authorization requests over HTTP. The rules are in `protocol::pushed`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tracing::info;

use super::app::App;
use super::exchange::{self, Exchange};
use crate::protocol::pushed::{PushedRequest, push};
use crate::protocol::{Refusal, Unavailable};

/// The preflight of a push.
pub(super) async fn preflight(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    exchange::preflight(&app, &headers)
}

/// A push; 201 with the name of the request (RFC 9126 §2.2).
pub(super) async fn push_request(State(app): State<Arc<App>>, request: Request) -> Response {
    let exchange = Exchange::read(app, request).await;
    match keep(&exchange).await {
        Ok((pushed, body)) => {
            let client_id = &pushed.client_id;
            info!(request_id = exchange.request_id(), %client_id, "authorization request pushed");
            let content_type = [(CONTENT_TYPE, "application/json")];
            let response = (StatusCode::CREATED, content_type, body).into_response();
            exchange.answer(Some(client_id), response)
        }
        Err(refusal) => exchange.refuse(&refusal),
    }
}

async fn keep(exchange: &Exchange) -> Result<(PushedRequest, String), Refusal> {
    let pushed = push(exchange.context(), &exchange.request()?).await?;
    let body = serde_json::to_string(&pushed.answer).map_err(|_| Unavailable::Signing)?;
    Ok((pushed, body))
}
