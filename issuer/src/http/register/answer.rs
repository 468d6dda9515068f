//! What registering clients are answered.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use tracing::{error, info};

use crate::audit::AuditEvent;
use crate::http::NotReplaced;
use crate::http::exchange::Exchange;
use crate::http::responses;
use crate::protocol::registration::answer::{ClientInformation, client_uri};
use crate::protocol::registration::{ClientMetadata, RegistrationError};
use crate::protocol::{AuthorizationServer, Client, Unavailable};
use crate::registration::Made;

/// A registration, for the client that made it or that holds its token.
pub(super) struct Told {
    pub(super) status: StatusCode,
    pub(super) body: String,
    pub(super) client: Client,
}

impl Told {
    pub(super) fn of(
        server: &AuthorizationServer,
        status: StatusCode,
        client: Client,
        (made, metadata): (&Made, &ClientMetadata),
        access_token: &str,
    ) -> Result<Self, RegistrationError> {
        let has_secret = made.registration.client_secret.is_some();
        let client_id = made.client.client_id.as_str();
        let information = ClientInformation {
            client_id,
            client_id_issued_at: made.registration.registered_at,
            client_secret: made.secret.as_deref(),
            client_secret_expires_at: has_secret.then_some(0),
            registration_access_token: access_token,
            registration_client_uri: client_uri(&server.issuer, client_id),
            metadata,
        };
        let body = serde_json::to_string(&information).map_err(|_| Unavailable::Signing)?;
        Ok(Self {
            status,
            body,
            client,
        })
    }

    /// Pages of the client's own origins may read it.
    pub(super) fn response(self, exchange: &Exchange) -> Response {
        let Self {
            status,
            body,
            client,
        } = self;
        let response = (status, [(CONTENT_TYPE, "application/json")], body).into_response();
        exchange.answer_to(response, |origin| client.allows_origin(origin))
    }
}

/// Refuses a request; `anywhere` says whether pages of any origin may read why.
pub(super) fn refuse(exchange: &Exchange, error: &RegistrationError, anywhere: bool) -> Response {
    if let RegistrationError::Other(error) = error {
        return exchange.refuse(&error.clone().into());
    }
    let (code, reason) = error.codes();
    let refused = AuditEvent::RegistrationRefused { reason };
    if let Err(failure) = exchange.context().record(&refused) {
        error!(request_id = exchange.request_id(), %failure, "the store failed");
    }
    info!(
        request_id = exchange.request_id(),
        error = code,
        reason,
        "registration refused"
    );
    // RFC 7591 §3.2.2.
    let response = responses::error(StatusCode::BAD_REQUEST, code, &error.to_string());
    if anywhere {
        exchange.answer_to(response, |_| true)
    } else {
        exchange.answer(None, response)
    }
}

impl From<NotReplaced> for RegistrationError {
    fn from(error: NotReplaced) -> Self {
        error!("a client could not be put in place: {error}");
        Unavailable::Signing.into()
    }
}
