//! Cross-origin access (Fetch standard, CORS protocol). Never with credentials: no cookie has any
//! meaning to these endpoints.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// How long browsers may remember a preflight, in seconds; Chromium's own upper bound.
const MAX_AGE: &str = "7200";

/// The preflight of a document that is public.
pub(super) async fn public_preflight() -> Response {
    let headers = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// The preflight of an endpoint whose `methods` some origins may use.
pub(super) fn preflight(methods: &'static str, allowed_origin: Option<&HeaderValue>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    allow_origin(response.headers_mut(), allowed_origin);
    if allowed_origin.is_some() {
        let headers = response.headers_mut();
        headers.insert(
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(methods),
        );
        headers.insert(
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("Authorization, Content-Type"),
        );
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    }
    response
}

/// Lets a page of this origin read the response, and keeps caches from handing it to another.
pub(super) fn allow_origin(headers: &mut HeaderMap, allowed_origin: Option<&HeaderValue>) {
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed_origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        let exposed = HeaderValue::from_static("WWW-Authenticate");
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

/// The request's origin, if there is exactly one and `allowed` says yes to it.
pub(super) fn allowed_origin(
    headers: &HeaderMap,
    allowed: impl FnOnce(&str) -> bool,
) -> Option<&HeaderValue> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = origins.next()?;
    let known = origins.next().is_none() && origin.to_str().is_ok_and(allowed);
    known.then_some(origin)
}
