//! The routes, asked in process.

mod bad_input;
mod client_documents;
mod current;
mod endpoints;
mod openid;
mod pushed;
mod reload;
mod traced;
pub(in crate::http) mod website;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use dockgate_token::Algorithm;
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;

use super::*;
use crate::client_documents::{ClientDocuments, system_resolver, trust};
use crate::entropy::system_entropy;
use crate::keys::tests::{keyring, settings};
use crate::keys::{Keeper, Moment};
use crate::passwords::Passwords;
use crate::protocol::AuthorizationServer;
use crate::store::SledStore;
use crate::temp_dir::TempDir;
use crate::turning::SigningKeys;

mod device;

pub(crate) const DEMO: &str = include_str!("../../../envoy/issuer.toml");

const NOW: Moment = Moment {
    wall: 1_000_000,
    uptime: Duration::ZERO,
};

/// The files are gone at once: for what only reads.
pub(super) fn demo_app(issuer: &str) -> App {
    demo_app_in(TempDir::new().path(), issuer)
}

/// The demo's issuer, which keeps what it keeps in `directory`.
pub(crate) fn demo_app_in(directory: &Path, issuer: &str) -> App {
    let variables = [("DOCKGATE_ISSUER".to_owned(), issuer.to_owned())];
    let config = crate::config::parse(Path::new("issuer.toml"), DEMO, variables).unwrap();
    App {
        passwords: Arc::new(Passwords::new(1, config.server.users.password_hashes())),
        throttles: Arc::default(),
        proxies: Default::default(),
        registrations: Arc::default(),
        client_documents: Arc::new(ClientDocuments::new(
            system_resolver(),
            trust(None).unwrap(),
        )),
        page_secrets: Arc::new(PageSecrets::new(&[9; 32]).unwrap()),
        brand: Arc::new(config.brand),
        tracer: None,
        server: config.server,
        keys: Arc::new(keyring([])),
        store: Arc::new(SledStore::open(directory, 1 << 20).unwrap()),
        clock: || 1_000_000,
        entropy: |bytes| {
            bytes.fill(7);
            Ok(())
        },
        body_read_timeout: Duration::from_secs(1),
        documents_max_age_seconds: 300,
    }
}

/// `app` running, with a key in its store for each of `algorithms`.
pub(crate) fn running(
    mut app: App,
    algorithms: impl IntoIterator<Item = Algorithm>,
) -> (Current, Arc<SigningKeys>) {
    let mut settings = settings([]);
    settings.schedule.algorithms = algorithms.into_iter().collect();
    let store = app.store.clone();
    let keeper = Keeper::open(store, settings, system_entropy, NOW).unwrap();
    app.keys = Arc::new(keeper.keyring());
    let current = Current::new(app).unwrap();
    let keys = SigningKeys::new(keeper, current.clone(), || NOW.wall, || NOW.uptime);
    (current, Arc::new(keys))
}

/// What serves `app`.
fn routes(app: App) -> axum::Router {
    router::router(&Current::new(app).unwrap())
}

fn service(issuer: &str) -> TowerToHyperService<axum::Router> {
    TowerToHyperService::new(routes(demo_app(issuer)))
}

async fn ask(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Response {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    service("http://localhost:8080")
        .call(request.body(body.into()).unwrap())
        .await
        .unwrap()
}

async fn json(response: Response) -> Value {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// Of `web`.
const OWN: (&str, &str) = ("origin", "http://localhost:3000");
/// Of `spa`.
const OTHER: (&str, &str) = ("origin", "http://127.0.0.1:51234");
const FOREIGN: (&str, &str) = ("origin", "https://evil.example");

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const GOOD: &str = "grant_type=client_credentials&client_id=service&client_secret=service-secret";

#[tokio::test]
async fn a_token_is_json_that_nobody_caches() {
    let response = ask(Method::POST, "/token", &[FORM], GOOD).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(header(&response, "pragma"), "no-cache");
    assert_eq!(header(&response, "content-type"), "application/json");
    let body = json(response).await;
    assert_eq!(
        (&body["token_type"], &body["expires_in"]),
        (&"Bearer".into(), &600.into())
    );
    assert_eq!(body["scope"], "api:read");
    assert!(body["refresh_token"].is_null());
}

#[tokio::test]
async fn a_failed_authentication_is_challenged_and_not_cached() {
    let response = ask(
        Method::POST,
        "/token",
        &[FORM],
        GOOD.replace("service-secret", "x"),
    )
    .await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(header(&response, "www-authenticate").starts_with("Basic realm="));
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(json(response).await["error"], "invalid_client");
}

#[tokio::test]
async fn bodies_are_bounded_and_plain() {
    let large = "x".repeat(64 * 1024 + 1);
    let stream = || {
        Body::new(http_body_util::Full::<axum::body::Bytes>::from(
            large.clone(),
        ))
    };
    assert_eq!(
        ask(Method::POST, "/token", &[FORM], stream())
            .await
            .status(),
        413
    );
    let announced = [FORM, ("content-length", "1000000000")];
    let response = ask(Method::POST, "/token", &announced, "").await;
    assert_eq!(response.status(), 413);
    assert_eq!(json(response).await["error"], "invalid_request");
    let gzip = [FORM, ("content-encoding", "gzip")];
    assert_eq!(ask(Method::POST, "/token", &gzip, GOOD).await.status(), 415);
}

#[tokio::test]
async fn without_randomness_there_is_no_token() {
    let app = App {
        entropy: |_| Err(crate::entropy::EntropyFailure),
        ..demo_app("http://localhost:8080")
    };
    let service = TowerToHyperService::new(routes(app));
    let request = Request::post("/token")
        .header(FORM.0, FORM.1)
        .body(Body::from(GOOD))
        .unwrap();
    let response = service.call(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(header(&response, "retry-after"), "1");
    assert_eq!(json(response).await["error"], "temporarily_unavailable");
}

#[tokio::test]
async fn a_secret_in_the_url_is_refused() {
    let path = "/token?client_id=service&client_secret=service-secret";
    let response = ask(Method::POST, path, &[FORM], "grant_type=client_credentials").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_token_endpoint_takes_only_post() {
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::HEAD] {
        let response = ask(method, "/token", &[], "").await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert!(header(&response, "allow").contains("POST"));
    }
}

#[tokio::test]
async fn public_documents_may_be_cached_and_read_from_any_origin() {
    for path in [
        "/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ] {
        let response = ask(Method::GET, path, &[("origin", "https://any.example")], "").await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&response, "cache-control"), "public, max-age=300");
        assert_eq!(header(&response, "access-control-allow-origin"), "*");
        let preflight = ask(
            Method::OPTIONS,
            path,
            &[("origin", "https://any.example")],
            "",
        )
        .await;
        assert_eq!(preflight.status(), StatusCode::NO_CONTENT);
        assert_eq!(header(&preflight, "access-control-allow-origin"), "*");
        assert_eq!(header(&preflight, "access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn metadata_names_what_works() {
    let document = json(ask(Method::GET, "/.well-known/openid-configuration", &[], "").await).await;
    assert_eq!(document["issuer"], "http://localhost:8080");
    assert_eq!(document["token_endpoint"], "http://localhost:8080/token");
    assert_eq!(
        document["jwks_uri"],
        "http://localhost:8080/.well-known/jwks.json"
    );
    assert_eq!(
        document["grant_types_supported"],
        serde_json::json!([
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "password",
            "implicit",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:token-exchange"
        ])
    );
    let other = ask(
        Method::GET,
        "/.well-known/oauth-authorization-server",
        &[],
        "",
    )
    .await;
    assert_eq!(json(other).await, document);
}

#[tokio::test]
async fn an_issuer_with_a_path_has_everything_below_it() {
    let service = service("http://localhost:8080/auth");
    for (path, status) in [
        ("/.well-known/oauth-authorization-server/auth", 200),
        ("/.well-known/openid-configuration/auth", 200),
        ("/auth/.well-known/openid-configuration", 200),
        ("/auth/.well-known/jwks.json", 200),
        ("/auth/token", 405),
        ("/token", 404),
        ("/.well-known/oauth-authorization-server", 404),
        ("/.well-known/jwks.json", 404),
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = service.call(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn the_metadata_of_an_issuer_with_a_path_is_one_document_at_three_places() {
    let app = App {
        server: AuthorizationServer {
            issuer: "https://api.example/auth".parse().unwrap(),
            ..demo_app("http://localhost:8080").server
        },
        ..demo_app("http://localhost:8080")
    };
    let service = TowerToHyperService::new(routes(app));
    for path in [
        "/.well-known/oauth-authorization-server/auth",
        "/.well-known/openid-configuration/auth",
        "/auth/.well-known/openid-configuration",
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = service.call(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let document = json(response).await;
        assert_eq!(document["issuer"], "https://api.example/auth", "{path}");
        assert_eq!(document["token_endpoint"], "https://api.example/auth/token");
    }
}

#[tokio::test]
async fn any_path_that_an_issuer_may_have_can_be_routed() {
    for path in [
        "/:tenant",
        "/auth/:t",
        "/*x",
        "/*",
        "/:",
        "/a;b=c",
        "/~a!$&'()+,=",
        "/.well-known/openid-configuration",
        "/.well-known/openid-configuration/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/token",
    ] {
        let service = service(&format!("http://localhost:8080{path}"));
        for (below, status) in [
            ("/token", 405),
            ("/.well-known/jwks.json", 200),
            ("/.well-known/openid-configuration", 200),
        ] {
            let request = Request::get(format!("{path}{below}")).body(Body::empty());
            let response = service.call(request.unwrap()).await.unwrap();
            assert_eq!(response.status().as_u16(), status, "{path}{below}");
        }
        // Nothing in the path is a pattern.
        let request = Request::get("/other/token").body(Body::empty()).unwrap();
        let response = service.call(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn operations_paths_are_not_on_the_main_listener() {
    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/",
        "/admin",
        "//healthz",
        "/%68ealthz",
    ] {
        let response = ask(Method::GET, path, &[], "").await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&response, "access-control-allow-origin"), "");
        assert_eq!(json(response).await["error"], "not_found");
    }
}

#[tokio::test]
async fn a_preflight_of_the_token_endpoint_passes_for_origins_of_some_client() {
    for (origin, passes) in [
        ("http://localhost:3000", true),
        ("http://127.0.0.1:51234", true),
        ("http://localhost:51234", true),
        ("https://evil.example", false),
        ("null", false),
    ] {
        let response = ask(Method::OPTIONS, "/token", &[("origin", origin)], "").await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(header(&response, "vary"), "Origin");
        let expected = if passes { origin } else { "" };
        assert_eq!(header(&response, "access-control-allow-origin"), expected);
        assert_eq!(
            header(&response, "access-control-allow-methods").is_empty(),
            !passes
        );
    }
}

#[tokio::test]
async fn a_token_is_for_pages_of_its_own_client_alone() {
    // `service` has no origins: another client's page must not read its token.
    let origin = ("origin", "http://localhost:3000");
    let response = ask(Method::POST, "/token", &[FORM, origin], GOOD).await;
    assert_eq!(header(&response, "access-control-allow-origin"), "");
    assert_eq!(header(&response, "vary"), "Origin");
    // An error before the client is known may be read by any client's page.
    let response = ask(Method::POST, "/token", &[FORM, origin], "").await;
    assert_eq!(
        header(&response, "access-control-allow-origin"),
        "http://localhost:3000"
    );
    assert_eq!(header(&response, "access-control-allow-credentials"), "");
}

#[tokio::test]
async fn readiness_ends_with_the_drain() {
    let directory = TempDir::new();
    let store = Arc::new(SledStore::open(directory.path(), 1 << 20).unwrap());
    let readiness = Arc::new(ops::Readiness::new(store));
    let service = TowerToHyperService::new(ops::router(readiness.clone()));
    let ask = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        service.call(request).await.unwrap().status().as_u16()
    };
    assert_eq!(
        (
            ask("/healthz").await,
            ask("/readyz").await,
            ask("/metrics").await,
            ask("/token").await
        ),
        (200, 200, 200, 404)
    );
    readiness.drain();
    assert_eq!((ask("/healthz").await, ask("/readyz").await), (200, 503));
}
