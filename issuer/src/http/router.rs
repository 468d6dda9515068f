//! The route table of the main listener. Envoy routes to exactly these paths; health and readiness
//! are not among them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use dockgate_token::Issuer;

use super::app::Current;
use super::pages::same_origin::under_own_name;
use super::pages::{account, authorize, consent, device, login, logout};
use super::request_id::request_id;
use super::trace_parent::trace_parent;
use super::{
    cors, device_authorization, documents, introspection, par, register, responses, revocation,
    token, userinfo,
};
use crate::logging::request::within;
use crate::metrics::{self, Moment};
use crate::protocol::endpoints;
use crate::proxies::Proxies;
use crate::traces::Tracer;

/// Builds the routes, at paths that follow from the issuer's URL; it is the one thing that never
/// changes in `current`.
pub fn router(current: &Current) -> Router {
    let issuer = current.app().server.issuer.clone();
    let jwks = get(documents::jwks).options(cors::public_preflight);
    let metadata = get(documents::metadata).options(cors::public_preflight);
    let mut router = Router::new()
        // `:` and `*` are plain characters of an issuer's path; braces, which are not, it never has.
        .without_v07_checks()
        .route(
            &endpoints::path(&issuer, endpoints::TOKEN),
            post(token::token).options(token::preflight),
        )
        .route(
            &endpoints::path(&issuer, endpoints::PUSHED_AUTHORIZATION),
            post(par::push_request).options(par::preflight),
        )
        .route(
            &endpoints::path(&issuer, endpoints::DEVICE_AUTHORIZATION),
            post(device_authorization::begin).options(device_authorization::preflight),
        )
        .route(
            &endpoints::path(&issuer, endpoints::USERINFO),
            get(userinfo::userinfo)
                .post(userinfo::userinfo)
                .options(userinfo::preflight),
        )
        .route(
            &endpoints::path(&issuer, endpoints::INTROSPECTION),
            post(introspection::introspect),
        )
        .route(
            &endpoints::path(&issuer, endpoints::REVOCATION),
            post(revocation::revoke).options(revocation::preflight),
        )
        .route(
            &endpoints::path(&issuer, endpoints::REGISTRATION),
            post(register::register).options(register::preflight),
        )
        .route(
            &format!(
                "{}/{{client_id}}",
                endpoints::path(&issuer, endpoints::REGISTRATION)
            ),
            get(register::read)
                .put(register::change)
                .delete(register::remove)
                .options(register::preflight_of_one),
        )
        .route(&endpoints::path(&issuer, endpoints::JWKS), jwks)
        .merge(pages(current, &issuer));
    for path in endpoints::metadata_paths(&issuer) {
        router = router.route(&path, metadata.clone());
    }
    router
        .fallback(responses::not_found)
        .method_not_allowed_fallback(responses::method_not_allowed)
        .layer(from_fn_with_state(tracing(current), measured))
        .with_state(current.clone())
}

/// What requests are traced with, and who is believed about the trace that one belongs to. Both count
/// until the next start.
type Tracing = Option<(Tracer, Arc<Proxies>)>;

fn tracing(current: &Current) -> Tracing {
    let app = current.app();
    let tracer = app.tracer.clone()?;
    Some((tracer, Arc::new(app.proxies.clone())))
}

/// Has every line of the request's log carry its id, traces it, and counts it by the pattern of its
/// route; its own path is anybody's.
async fn measured(
    State(tracing): State<Tracing>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let began = Moment::now();
    let route = route.as_ref().map(MatchedPath::as_str);
    let span = tracing.and_then(|(tracer, proxies)| {
        let parent = trace_parent(request.headers(), request.extensions(), &proxies);
        tracer.request(parent, request.method().as_str(), route)
    });
    let id = request_id(request.headers()).map(str::to_owned);
    let answering = async {
        match id {
            Some(id) => within(id, next.run(request)).await,
            None => next.run(request).await,
        }
    };
    let response = match &span {
        Some(span) => span.within(answering).await,
        None => answering.await,
    };
    let status = response.status().as_u16();
    if let Some(span) = span {
        span.answered(status);
    }
    metrics::request(route.unwrap_or("unmatched"), status, began);
    response
}

/// The authorization endpoint and the pages, which browsers meet. None is ever readable from
/// another origin (RFC 9700 §2.6).
fn pages(current: &Current, issuer: &Issuer) -> Router<Current> {
    let path = |endpoint| endpoints::path(issuer, endpoint);
    Router::new()
        .without_v07_checks()
        .route(
            &path(endpoints::AUTHORIZE),
            get(authorize::get).post(authorize::post),
        )
        .route(&path(endpoints::LOGIN), get(login::get).post(login::post))
        .route(
            &path(endpoints::CONSENT),
            get(consent::get).post(consent::post),
        )
        .route(
            &path(endpoints::DEVICE),
            get(device::get).post(device::post),
        )
        .route(
            &path(endpoints::END_SESSION),
            get(logout::get).post(logout::post),
        )
        .route(
            &path(endpoints::ACCOUNT),
            get(account::get).post(account::post),
        )
        .route_layer(from_fn_with_state(current.clone(), under_own_name))
}
