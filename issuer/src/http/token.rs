//! The token endpoint over HTTP. The rules are in `protocol::token_endpoint`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use tracing::info;

use super::app::App;
use super::exchange::{self, Exchange};
use crate::metrics;
use crate::protocol::token_endpoint::respond_by_grant;
use crate::protocol::{Grant, Issuance, Refusal, TokenResponse, Unavailable};

/// The preflight of a token request.
pub(super) async fn preflight(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    exchange::preflight(&app, &headers)
}

/// A token request.
pub(super) async fn token(State(app): State<Arc<App>>, request: Request) -> Response {
    let exchange = Exchange::read(app, request).await;
    match issue(&exchange).await {
        Ok((grant, issuance, body)) => {
            exchange.note_use(&issuance.claims.client_id).await;
            log(&exchange, &issuance);
            metrics::token_issued(Some(grant));
            let response = ([(CONTENT_TYPE, "application/json")], body).into_response();
            exchange.answer(Some(&issuance.claims.client_id), response)
        }
        Err(refusal) => {
            metrics::token_refused(&refusal);
            exchange.refuse(&refusal)
        }
    }
}

async fn issue(exchange: &Exchange) -> Result<(Grant, Issuance, String), Refusal> {
    let context = exchange.context();
    let (grant, issuance) = respond_by_grant(context, &exchange.request()?).await?;
    let tokens = issuance.sign(context.keys)?;
    let body = to_json(&tokens)?;
    Ok((grant, issuance, body))
}

fn to_json(tokens: &TokenResponse) -> Result<String, Unavailable> {
    serde_json::to_string(tokens).map_err(|_| Unavailable::Signing)
}

fn log(exchange: &Exchange, issuance: &Issuance) {
    let claims = &issuance.claims;
    info!(
        request_id = exchange.request_id(),
        client_id = %claims.client_id,
        sub = claims.sub,
        scope = %claims.scope,
        alg = %issuance.algorithm,
        jti = claims.jti,
        "token issued"
    );
}
