//! What the admin API answers.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::task::spawn_blocking;
use tracing::error;

use crate::http::{NotReplaced, responses};
use crate::store::StoreError;

/// What was asked for, or why not.
pub type Answer<T> = Result<Json<T>, Refusal>;

/// Why nothing was done. Each says in a sentence what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What the request says makes no sense: 400 `invalid_request`.
    Invalid(String),
    /// What it is about is not there: 404 `not_found`.
    NotFound(String),
    /// What is there does not permit it: 409 `conflict`.
    Conflict(String),
    /// The issuer failed: 500 `server_error`.
    Failed(String),
}

/// Does work that waits for the disk away from the threads that answer requests.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Answer<T> {
    let done = spawn_blocking(work).await;
    let done = done.map_err(|error| Refusal::Failed(error.to_string()))?;
    done.map(Json)
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self::Invalid(rejection.body_text())
    }
}

impl From<PathRejection> for Refusal {
    fn from(rejection: PathRejection) -> Self {
        Self::Invalid(rejection.body_text())
    }
}

impl From<QueryRejection> for Refusal {
    fn from(rejection: QueryRejection) -> Self {
        Self::Invalid(rejection.body_text())
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full { .. } => Self::Conflict(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<NotReplaced> for Refusal {
    fn from(error: NotReplaced) -> Self {
        Self::Failed(error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code, description) = match self {
            Self::Invalid(description) => (StatusCode::BAD_REQUEST, "invalid_request", description),
            Self::NotFound(description) => (StatusCode::NOT_FOUND, "not_found", description),
            Self::Conflict(description) => (StatusCode::CONFLICT, "conflict", description),
            Self::Failed(description) => {
                error!("a command failed: {description}");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "server_error",
                    description,
                )
            }
        };
        responses::error(status, code, &description)
    }
}
