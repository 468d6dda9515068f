//! The route table of the main listener. Envoy routes to exactly these paths; health and readiness
//! are not among them.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::app::App;
use super::documents::Document;
use super::pages::same_origin::under_own_name;
use super::pages::{authorize, consent, device, login, logout};
use super::{
    cors, device_authorization, introspection, metadata, par, responses, revocation, token,
    userinfo,
};
use crate::protocol::endpoints;

/// Builds the routes, at paths that follow from the issuer's URL.
///
/// # Errors
/// When a document cannot be written as JSON.
pub fn router(app: App) -> Result<Router, serde_json::Error> {
    let issuer = app.server.issuer.clone();
    let max_age = app.documents_max_age_seconds;
    let jwks = Document::new("application/jwk-set+json", app.keys.jwks(), max_age);
    let metadata = metadata::document(&app.server, max_age)?;
    let public = |document: Document| {
        get(move || async move { document.response() }).options(cors::public_preflight)
    };

    let app = Arc::new(app);
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
        .route(&endpoints::path(&issuer, endpoints::JWKS), public(jwks))
        .merge(pages(&app));
    for path in endpoints::metadata_paths(&issuer) {
        router = router.route(&path, public(metadata.clone()));
    }
    Ok(router
        .fallback(responses::not_found)
        .method_not_allowed_fallback(responses::method_not_allowed)
        .with_state(app))
}

/// The authorization endpoint and the pages, which browsers meet. None is ever readable from
/// another origin (RFC 9700 §2.6).
fn pages(app: &Arc<App>) -> Router<Arc<App>> {
    let issuer = &app.server.issuer;
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
        .route_layer(from_fn_with_state(app.clone(), under_own_name))
}
