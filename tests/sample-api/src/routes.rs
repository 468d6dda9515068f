//! Every route, on one screen.

use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};

use crate::identity::Identity;
use crate::{chat, cors, echo, socket};

/// The whole API.
pub(crate) fn all() -> Router {
    Router::new()
        .route("/api/public/health", get(health))
        .route("/api/protected/data", get(granted).post(granted))
        .route("/api/admin/", any(granted))
        .route("/api/admin/{*rest}", any(granted))
        .route("/api/echo", get(echo::headers))
        .route("/api/ws", get(socket::echo))
        .route("/v1/chat/completions", post(chat::completions))
        .fallback(not_found)
        .layer(from_fn(cors::allow))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// The answer that the README shows, its fields in this order.
#[derive(Serialize)]
struct Granted {
    message: &'static str,
    #[serde(flatten)]
    identity: Identity,
}

async fn granted(identity: Identity) -> Json<Granted> {
    Json(Granted {
        message: "Access granted",
        identity,
    })
}

async fn not_found() -> (StatusCode, Json<Value>) {
    (StatusCode::NOT_FOUND, Json(json!({ "error": "not_found" })))
}
