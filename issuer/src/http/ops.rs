//! The operations listener: health, readiness and metrics, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use tracing::warn;

use super::responses;
use crate::metrics;
use crate::store::Reachable;

/// Whether the issuer can do its work. It exists only once the keys are loaded.
pub struct Readiness {
    store: Arc<dyn Reachable>,
    draining: AtomicBool,
}

impl Readiness {
    /// Ready as long as `store` answers.
    pub fn new(store: Arc<dyn Reachable>) -> Self {
        Self {
            store,
            draining: AtomicBool::new(false),
        }
    }

    /// From now on the issuer only finishes what it has begun.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.draining.load(Ordering::Relaxed) {
            return Err("draining");
        }
        self.store.reach().map_err(|error| {
            warn!(%error, "not ready");
            "store"
        })
    }
}

/// The routes.
pub fn router(readiness: Arc<Readiness>) -> Router {
    Router::new()
        .route(
            "/healthz",
            get(|| async { status(StatusCode::OK, "alive") }),
        )
        .route("/readyz", get(readyz))
        .route("/metrics", get(show_metrics))
        .fallback(responses::not_found)
        .method_not_allowed_fallback(responses::method_not_allowed)
        .with_state(readiness)
}

async fn readyz(State(readiness): State<Arc<Readiness>>) -> Response {
    match readiness.check() {
        Ok(()) => status(StatusCode::OK, "ready"),
        Err(reason) => status(StatusCode::SERVICE_UNAVAILABLE, reason),
    }
}

/// Prometheus text exposition format, version 0.0.4.
async fn show_metrics() -> Response {
    let Ok(body) = metrics::text() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (CONTENT_TYPE, "text/plain; version=0.0.4"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, body).into_response()
}

fn status(code: StatusCode, status: &str) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (code, headers, json!({ "status": status }).to_string()).into_response()
}
