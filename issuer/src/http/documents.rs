//! Public documents that are the same for everyone until the configuration or the keys change.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::app::App;
use crate::protocol::metadata::Metadata;

/// All of them.
#[derive(Clone)]
pub(super) struct Documents {
    jwks: Document,
    metadata: Document,
}

impl Documents {
    /// What `app` publishes.
    ///
    /// # Errors
    /// When a document cannot be written as JSON.
    pub(super) fn of(app: &App) -> Result<Self, serde_json::Error> {
        let max_age = app.documents_max_age_seconds;
        let metadata = serde_json::to_string(&Metadata::of(&app.server))?;
        Ok(Self {
            jwks: Document::new("application/jwk-set+json", app.keys.jwks(), max_age),
            metadata: Document::new("application/json", metadata, max_age),
        })
    }
}

/// The JWKS document (RFC 7517 §5).
pub(super) async fn jwks(State(documents): State<Documents>) -> Response {
    documents.jwks.response()
}

/// The metadata document (RFC 8414 §3.2, OIDC Discovery §4.2).
pub(super) async fn metadata(State(documents): State<Documents>) -> Response {
    documents.metadata.response()
}

/// A document with its headers, ready to send.
#[derive(Clone)]
struct Document {
    content_type: &'static str,
    cache_control: String,
    body: Bytes,
}

impl Document {
    fn new(content_type: &'static str, body: String, max_age_seconds: u64) -> Self {
        let cache_control = format!("public, max-age={max_age_seconds}");
        Self {
            content_type,
            cache_control,
            body: body.into(),
        }
    }

    /// Pages of any origin may read it: there is nothing in it that depends on who asks.
    fn response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, self.content_type),
            (CACHE_CONTROL, self.cache_control.as_str()),
            (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        ];
        (headers, self.body).into_response()
    }
}
