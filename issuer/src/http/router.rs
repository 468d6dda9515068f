//! The route table of the main listener. Envoy routes to exactly these paths; health and readiness
//! are not among them.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::app::App;
use super::documents::Document;
use super::{
    cors, device_authorization, introspection, metadata, responses, revocation, token, userinfo,
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

    let mut router = Router::new()
        // `:` and `*` are plain characters of an issuer's path; braces, which are not, it never has.
        .without_v07_checks()
        .route(
            &endpoints::path(&issuer, endpoints::TOKEN),
            post(token::token).options(token::preflight),
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
        .route(&endpoints::path(&issuer, endpoints::JWKS), public(jwks));
    for path in endpoints::metadata_paths(&issuer) {
        router = router.route(&path, public(metadata.clone()));
    }
    Ok(router
        .fallback(responses::not_found)
        .method_not_allowed_fallback(responses::method_not_allowed)
        .with_state(Arc::new(app)))
}
