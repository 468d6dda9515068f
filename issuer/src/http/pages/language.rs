//! The language that a browser's user reads.

use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;

use crate::protocol::{Form, Language};

/// By what the request itself says: the client's wish for its user (OIDC Core §3.1.2.1), then the
/// browser's. What a flow has kept of the wish comes later, with the flow.
pub(super) fn of_request(parts: &Parts) -> Option<Language> {
    of_query(parts.uri.query().unwrap_or_default()).or_else(|| of_browser(parts))
}

fn of_query(query: &str) -> Option<Language> {
    let form = Form::parse(query.as_bytes()).ok()?;
    Language::of_ui_locales(form.get("ui_locales")?)
}

/// Several headers are one list (RFC 9110 §5.3).
fn of_browser(parts: &Parts) -> Option<Language> {
    let values = parts.headers.get_all(ACCEPT_LANGUAGE).into_iter();
    let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    Language::of_accept_language(&values.join(","))
}
