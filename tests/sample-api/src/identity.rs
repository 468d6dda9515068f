//! Who is calling, according to the gateway.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::Serialize;

/// What the gateway says about the caller; `None` when it says nothing.
#[derive(Serialize)]
pub(crate) struct Identity {
    pub(crate) user: Option<String>,
    pub(crate) scope: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Identity {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            user: text(&parts.headers, "x-auth-subject"),
            scope: text(&parts.headers, "x-auth-scope"),
        })
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get(name)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
