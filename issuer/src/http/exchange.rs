//! A request that a client makes itself, and its answer: what the token endpoint and its like have
//! in common.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use dockgate_token::ClientId;
use tracing::{error, info, warn};

use super::app::App;
use super::client_address::client_address;
use super::client_documents::with_clients;
use super::request_id::request_id;
use super::{cors, request_body, responses};
use crate::audit::{AuditEvent, Caller, CallerBuf};
use crate::metrics;
use crate::protocol::client_id_metadata::{Depth, named};
use crate::protocol::{
    ClientRequest, Context, MAX_BODY_BYTES, OAuthError, Provenance, Refusal, RequestError,
    Unavailable,
};
use crate::store::SledStore;
use crate::throttle::{RetryAfter, Source};

/// A request whose body has been read.
pub(super) struct Exchange {
    app: Arc<App>,
    parts: Parts,
    body: Result<Bytes, RequestError>,
    /// Why nothing can be said of the client, if that is so.
    unknowable: Option<Unavailable>,
    /// Whether pages of the client's origins may read the answer.
    cross_origin: bool,
}

impl Exchange {
    /// Reads a request of which pages of the client's origins may read the answer.
    pub(super) async fn read(app: Arc<App>, request: Request) -> Self {
        Self::of(app, request, true, Depth::Grants).await
    }

    /// The same for one that asks nothing of whose grant a token comes of: it does not depend on whether
    /// that client's host is well.
    pub(super) async fn read_of_owner(app: Arc<App>, request: Request) -> Self {
        Self::of(app, request, true, Depth::Owners).await
    }

    /// Reads a request that only servers make.
    pub(super) async fn read_same_origin(app: Arc<App>, request: Request) -> Self {
        Self::of(app, request, false, Depth::Grants).await
    }

    async fn of(app: Arc<App>, request: Request, cross_origin: bool, depth: Depth) -> Self {
        let (parts, body) = request.into_parts();
        let timeout = app.body_read_timeout;
        let body = request_body::read(&parts.headers, body, MAX_BODY_BYTES, timeout).await;
        let exchange = Self {
            app,
            parts,
            body,
            unknowable: None,
            cross_origin,
        };
        exchange.with_clients(depth).await
    }

    /// Finds the clients that the request is about and that are documents.
    async fn with_clients(mut self, depth: Depth) -> Self {
        if self.app.server.client_id_metadata.is_none() {
            return self;
        }
        match self.clients(depth).await {
            Ok(app) => self.app = app,
            Err(error) => self.unknowable = Some(error),
        }
        self
    }

    async fn clients(&self, depth: Depth) -> Result<Arc<App>, Unavailable> {
        let Ok(request) = self.request() else {
            return Ok(self.app.clone());
        };
        let named = named(self.context(), &request, depth).await?;
        with_clients(self.app.clone(), &named, Source::browser(self.address())).await
    }

    /// What the protocol is given.
    pub(super) fn context(&self) -> Context<'_, SledStore> {
        let caller = Caller {
            request_id: self.request_id(),
            address: self.address(),
        };
        self.app.context().asked_by(caller)
    }

    /// The request as the protocol sees it.
    pub(super) fn request(&self) -> Result<ClientRequest<'_>, Refusal> {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        if let Some(error) = &self.unknowable {
            return Err(error.clone().into());
        }
        let headers = &self.parts.headers;
        let authorization = headers.get_all(AUTHORIZATION).iter();
        Ok(ClientRequest {
            query: self.parts.uri.query(),
            authorization: authorization.map(HeaderValue::as_bytes).collect(),
            address: self.address(),
            content_type: headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes),
            body,
        })
    }

    fn address(&self) -> Option<IpAddr> {
        client_address(
            &self.parts.headers,
            &self.parts.extensions,
            &self.app.proxies,
        )
    }

    /// Notes that a client has had a token, if it registered itself and this is the first.
    pub(super) async fn note_use(&self, client: &ClientId) {
        let app = &self.app;
        let found = app.server.clients.get(client);
        if !found.is_some_and(|client| client.provenance == Provenance::Registration) {
            return;
        }
        if let Err(failure) = app.registrations.note_use(&*app.store, client).await {
            // The token is good. Its next one is noted.
            warn!(client_id = %client, %failure, "the first use of a client could not be noted");
        }
    }

    /// Who asks, for who holds on to it longer than to the request.
    pub(super) fn caller_buf(&self) -> CallerBuf {
        CallerBuf {
            request_id: self.request_id().map(str::to_owned),
            address: self.address(),
        }
    }

    /// The request's id, for log lines.
    pub(super) fn request_id(&self) -> Option<&str> {
        request_id(&self.parts.headers)
    }

    /// Finishes a successful answer to `client`.
    pub(super) fn answer(&self, client: Option<&ClientId>, response: Response) -> Response {
        self.answer_to(response, |origin| may_read(&self.app, client, origin))
    }

    /// Finishes an answer that pages of some origins may read.
    pub(super) fn answer_to(
        &self,
        mut response: Response,
        may_read: impl FnOnce(&str) -> bool,
    ) -> Response {
        // A token is nothing to cache, nor is an error (RFC 6749 §5.1, §5.2).
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        if self.cross_origin {
            let allowed = cors::allowed_origin(&self.parts.headers, may_read);
            cors::allow_origin(headers, allowed);
        }
        response
    }

    /// Answers a request that is refused (RFC 6749 §5.2), and logs why.
    pub(super) fn refuse(&self, refusal: &Refusal) -> Response {
        self.record(&refusal.error);
        let too_many = self.too_many_failures(refusal);
        let refusal = too_many.as_ref().unwrap_or(refusal);
        self.log(refusal);
        self.answer(refusal.client.as_ref(), failure(&refusal.error))
    }

    /// Counts wrong credentials of a client. Beyond what may be, the answer says no more than that.
    fn too_many_failures(&self, refusal: &Refusal) -> Option<Refusal> {
        let OAuthError::Client(error) = &refusal.error else {
            return None;
        };
        if refusal.error.wire().status != StatusCode::UNAUTHORIZED.as_u16() {
            return None;
        }
        let source = Source::browser(self.address());
        let clients = &self.app.throttles.clients;
        let counted = clients.failed(error.claimed_client(), source, (self.app.clock)());
        let RetryAfter(seconds) = counted.err()?;
        Some(Unavailable::Throttled(seconds).into())
    }

    /// A client that is not who it says is put on record. That it could not be changes nothing of
    /// the answer: the client is refused either way.
    fn record(&self, error: &OAuthError) {
        let OAuthError::Client(reason) = error else {
            return;
        };
        let event = AuditEvent::ClientAuthenticationFailed {
            client_id: reason.claimed_client().cloned(),
            reason: error.reason(),
        };
        if let Err(failure) = self.context().record(&event) {
            error!(request_id = self.request_id(), %failure, "the store failed");
        }
    }

    fn log(&self, refusal: &Refusal) {
        let Refusal {
            error,
            client,
            grant,
        } = refusal;
        let request_id = self.request_id();
        let path = self.parts.uri.path();
        let client_id = client.as_ref().map(ClientId::as_str);
        let grant = grant.map(|grant| grant.as_str());
        let (code, reason) = (error.wire().error, error.reason());
        if let OAuthError::Unavailable(_) = error {
            metrics::turned_away(reason);
        }
        match error {
            OAuthError::Unavailable(Unavailable::Store(failure)) => {
                error!(request_id, path, client_id, %failure, "the store failed");
            }
            _ => {
                let claimed = match error {
                    OAuthError::Client(error) => error.claimed_client().map(ClientId::as_str),
                    _ => None,
                };
                info!(
                    request_id,
                    path,
                    client_id,
                    claimed_client_id = claimed,
                    grant,
                    error = code,
                    reason,
                    "request refused"
                );
            }
        }
    }
}

/// The preflight of a client's request. It names no client, so an origin passes that any client
/// has.
pub(super) fn preflight(app: &App, headers: &HeaderMap) -> Response {
    preflight_of("POST", app, headers)
}

/// The preflight of an endpoint that has these methods.
pub(super) fn preflight_of(methods: &'static str, app: &App, headers: &HeaderMap) -> Response {
    let allowed = cors::allowed_origin(headers, |origin| {
        let of_document = || {
            app.server.client_id_metadata.is_some() && app.client_documents.allows_origin(origin)
        };
        app.server.allows_origin(origin) || of_document()
    });
    cors::preflight(methods, allowed)
}

/// Once the client is known, its own origins alone may read the answer. Before, only errors that
/// say nothing of anyone are answered, and those any client's page may read, so that its developer
/// sees them.
fn may_read(app: &App, client: Option<&ClientId>, origin: &str) -> bool {
    match client.and_then(|id| app.server.clients.get(id)) {
        Some(client) => client.allows_origin(origin),
        None => app.server.allows_origin(origin),
    }
}

/// How to do better: with an access token where one is asked for, else as a client.
fn challenge(error: &OAuthError, status: StatusCode) -> Option<HeaderValue> {
    match error {
        OAuthError::Bearer(error) => HeaderValue::try_from(error.challenge()).ok(),
        _ if status == StatusCode::UNAUTHORIZED => {
            let basic = r#"Basic realm="dockgate", charset="UTF-8""#;
            Some(HeaderValue::from_static(basic))
        }
        _ => None,
    }
}

fn failure(error: &OAuthError) -> Response {
    let wire = error.wire();
    let status = StatusCode::from_u16(wire.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = responses::error(status, wire.error, wire.description);
    let headers = response.headers_mut();
    if let Some(challenge) = challenge(error, status) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if let Some(seconds) = wire.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
