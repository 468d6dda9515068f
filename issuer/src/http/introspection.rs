//! Introspection over HTTP. The rules are in `protocol::introspection`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::exchange::Exchange;
use crate::metrics;
use crate::protocol::introspection::{Introspection, respond};
use crate::protocol::{Client, Refusal, Unavailable};

/// An introspection request. Servers make them, so that pages read no answer.
pub(super) async fn introspect(State(app): State<Arc<App>>, request: Request) -> Response {
    let exchange = Exchange::read_same_origin(app, request).await;
    match ask(&exchange).await {
        Ok((client, body)) => {
            let response = ([(CONTENT_TYPE, "application/json")], body).into_response();
            exchange.answer(Some(&client.id), response)
        }
        Err(refusal) => {
            metrics::introspection(Err(refusal.error.wire().error));
            exchange.refuse(&refusal)
        }
    }
}

async fn ask(exchange: &Exchange) -> Result<(&Client, String), Refusal> {
    let (client, answer) = respond(exchange.context(), &exchange.request()?).await?;
    metrics::introspection(Ok(matches!(answer, Introspection::Active(_))));
    let body = serde_json::to_string(&answer).map_err(|_| Unavailable::Signing)?;
    Ok((client, body))
}
