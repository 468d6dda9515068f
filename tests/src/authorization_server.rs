//! Asking the demo's issuer for tokens, as a client would.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dockgate_stack::Stack;
use serde_json::Value;

use crate::http::{Response, post};

/// A token for the client `service` with `scope`, through Envoy.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn service_token(stack: &Stack, scope: &str) -> String {
    let response = token_request(
        stack,
        &[("grant_type", "client_credentials"), ("scope", scope)],
    );
    assert_eq!(response.status, 200, "{}", response.text());
    response.json()["access_token"]
        .as_str()
        .expect("a token")
        .to_owned()
}

/// A token request of the client `service` by HTTP Basic, through Envoy.
pub fn token_request(stack: &Stack, form: &[(&str, &str)]) -> Response {
    post("/token")
        .header("authorization", basic("service", "service-secret"))
        .form(form)
        .send(stack.ports().http)
}

/// The value of an `Authorization` header (RFC 6749 §2.3.1).
pub fn basic(client_id: &str, secret: &str) -> String {
    let pair = format!(
        "{}:{}",
        crate::http::percent_encode(client_id),
        crate::http::percent_encode(secret)
    );
    format!("Basic {}", STANDARD.encode(pair))
}

/// The claims of a token, unverified.
///
/// # Panics
/// When it is no JWT.
#[track_caller]
pub fn claims(token: &str) -> Value {
    let jws = dockgate_token::CompactJws::parse(token.as_bytes()).expect("a JWS");
    serde_json::from_slice(&jws.payload).expect("claims")
}
