//! The token endpoint over HTTP. The rules are in `protocol::token_endpoint`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use dockgate_token::ClientId;
use serde_json::json;
use tracing::{error, info};

use super::app::App;
use super::request_id::request_id;
use super::{cors, request_body, responses};
use crate::protocol::Issuance;
use crate::protocol::token_endpoint::{MAX_BODY_BYTES, Refusal, TokenRequest, respond};
use crate::protocol::{Jti, MintingContext, TokenError};

/// The preflight of a token request. It names no client, so an origin passes that any client has.
pub(super) async fn preflight(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let allowed = cors::allowed_origin(&headers, |origin| app.server.allows_origin(origin));
    cors::post_preflight(allowed)
}

/// A token request.
pub(super) async fn token(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let timeout = app.body_read_timeout;
    let outcome = match request_body::read(&parts.headers, body, MAX_BODY_BYTES, timeout).await {
        Ok(body) => issue(&app, &parts, &body),
        Err(error) => Err(error.into()),
    };
    log(&parts, &outcome);
    let client = match &outcome {
        Ok((issuance, _)) => Some(&issuance.claims.client_id),
        Err(refusal) => refusal.client.as_ref(),
    };
    let allowed = cors::allowed_origin(&parts.headers, |origin| may_read(&app, client, origin));
    let mut response = match &outcome {
        Ok((issuance, token)) => success(issuance, token),
        Err(refusal) => failure(&refusal.error),
    };
    // A token is nothing to cache, nor is an error (RFC 6749 §5.1, §5.2).
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    cors::allow_origin(headers, allowed);
    response
}

/// Once the client is known, its own origins alone may read the answer. Before, only errors that
/// say nothing of anyone are answered, and those any client's page may read, so that its developer
/// sees them.
fn may_read(app: &App, client: Option<&ClientId>, origin: &str) -> bool {
    match client.and_then(|id| app.server.clients.get(id)) {
        Some(client) => client.allows_origin(origin),
        None => app.server.allows_origin(origin),
    }
}

fn issue(app: &App, parts: &Parts, body: &Bytes) -> Result<(Issuance, String), Refusal> {
    let mut random = [0; 16];
    (app.entropy)(&mut random).map_err(|failure| internal(&failure))?;
    let context = MintingContext {
        now: (app.clock)(),
        jti: Jti::from_random(random),
    };
    let request = TokenRequest {
        query: parts.uri.query(),
        authorization: parts
            .headers
            .get_all(AUTHORIZATION)
            .iter()
            .map(HeaderValue::as_bytes)
            .collect(),
        content_type: parts.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes),
        body,
    };
    let issuance = respond(&app.server, &request, context)?;
    let token = app
        .keys
        .sign_access_token(issuance.algorithm, &issuance.claims)
        .map_err(|failure| internal(&failure))?;
    Ok((issuance, token))
}

fn internal(failure: &dyn std::error::Error) -> TokenError {
    error!(%failure, "no token could be made");
    TokenError::Internal
}

/// RFC 6749 §5.1.
fn success(issuance: &Issuance, token: &str) -> Response {
    let body = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": issuance.expires_in,
        "scope": issuance.claims.scope,
    });
    ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// RFC 6749 §5.2.
fn failure(error: &TokenError) -> Response {
    let wire = error.wire();
    let status = StatusCode::from_u16(wire.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = responses::error(status, wire.error, wire.description);
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static(r#"Basic realm="dockgate", charset="UTF-8""#);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn log(parts: &Parts, outcome: &Result<(Issuance, String), Refusal>) {
    let request_id = request_id(&parts.headers);
    match outcome {
        Ok((
            Issuance {
                claims, algorithm, ..
            },
            _,
        )) => info!(
            request_id,
            client_id = %claims.client_id,
            sub = claims.sub,
            scope = %claims.scope,
            alg = %algorithm,
            jti = claims.jti,
            "token issued"
        ),
        Err(Refusal {
            error,
            client,
            grant,
        }) => info!(
            request_id,
            client_id = client.as_ref().map(ClientId::as_str),
            claimed_client_id = error.claimed_client().map(ClientId::as_str),
            grant = grant.map(|grant| grant.as_str()),
            error = error.wire().error,
            reason = error.reason(),
            "token refused"
        ),
    }
}
