//! UserInfo over HTTP. The rules are in `protocol::userinfo`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::app::App;
use super::exchange::{self, Exchange};
use crate::protocol::userinfo::{UserInfo, respond};
use crate::protocol::{ClientRequest, Refusal};

/// The preflight of a request.
pub(super) async fn preflight(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    exchange::preflight_of("GET, POST", &app, &headers)
}

/// A request, by GET or by POST (OIDC Core §5.3.1).
pub(super) async fn userinfo(State(app): State<Arc<App>>, request: Request) -> Response {
    let may_have_form = request.method() == Method::POST;
    let exchange = Exchange::read(app, request).await;
    match ask(&exchange, may_have_form).await {
        Ok(UserInfo { client, claims }) => {
            let body = Value::Object(claims).to_string();
            let response = ([(CONTENT_TYPE, "application/json")], body).into_response();
            exchange.answer(Some(&client.id), response)
        }
        Err(refusal) => exchange.refuse(&refusal),
    }
}

async fn ask(exchange: &Exchange, may_have_form: bool) -> Result<UserInfo<'_>, Refusal> {
    let request = exchange.request()?;
    let request = ClientRequest {
        // What a GET has for a body means nothing (RFC 6750 §2.2).
        content_type: request.content_type.filter(|_| may_have_form),
        ..request
    };
    respond(exchange.context(), &request).await
}
