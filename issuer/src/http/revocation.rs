//! Revocation over HTTP. The rules are in `protocol::revocation`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tracing::info;

use super::app::App;
use super::exchange::{self, Exchange};
use crate::metrics;
use crate::protocol::revocation::{Revoked, respond};
use crate::protocol::{Client, Refusal};

/// The preflight of a revocation request.
pub(super) async fn preflight(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    exchange::preflight(&app, &headers)
}

/// A revocation request. The status says it all: there is no body (RFC 7009 §2.2).
pub(super) async fn revoke(State(app): State<Arc<App>>, request: Request) -> Response {
    let exchange = Exchange::read_of_owner(app, request).await;
    match ask(&exchange).await {
        Ok((client, revoked)) => {
            log(&exchange, client, revoked);
            metrics::revocation(revoked.as_str());
            exchange.answer(Some(&client.id), StatusCode::OK.into_response())
        }
        Err(refusal) => {
            metrics::revocation(refusal.error.wire().error);
            exchange.refuse(&refusal)
        }
    }
}

async fn ask(exchange: &Exchange) -> Result<(&Client, Revoked), Refusal> {
    respond(exchange.context(), &exchange.request()?).await
}

fn log(exchange: &Exchange, client: &Client, revoked: Revoked) {
    info!(
        request_id = exchange.request_id(),
        client_id = %client.id,
        what = revoked.as_str(),
        "token revoked"
    );
}
