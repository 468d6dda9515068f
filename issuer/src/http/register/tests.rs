//! Registration over HTTP, in process.

mod on_record;
mod room;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};

use super::expiry::remove_once;
use crate::http::app::{App, Current};
use crate::http::tests::demo_app_in;
use crate::protocol::Provenance;
use crate::store::{AdditionStore as _, RegistrationStore as _};
use crate::temp_dir::TempDir;

const OPEN: &str = "open = true";
const DAY: u64 = 24 * 60 * 60;

struct Server {
    current: Current,
    router: TowerToHyperService<Router>,
    _directory: TempDir,
}

impl Server {
    fn with(registration: &str) -> Self {
        let directory = TempDir::new();
        let demo = include_str!("../../../../envoy/issuer.toml");
        let text = format!("{demo}\n[registration]\nenabled = true\n{registration}\n");
        let config = crate::config::parse(std::path::Path::new("issuer.toml"), &text, []);
        let app = App {
            server: config.unwrap().server,
            entropy: crate::entropy::system_entropy,
            ..demo_app_in(directory.path(), "http://localhost:8080")
        };
        let current = Current::new(app).unwrap();
        Self {
            router: TowerToHyperService::new(crate::http::router::router(&current)),
            current,
            _directory: directory,
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Response {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = request.body(Body::from(body)).unwrap();
        self.router.call(request).await.unwrap()
    }

    async fn register(&self, client: &Value) -> (StatusCode, Value) {
        told(self.ask(Method::POST, "/register", &[], client).await).await
    }

    /// What is answered to the holder of this token.
    async fn managed(
        &self,
        method: Method,
        client_id: &str,
        token: &str,
        body: &Value,
    ) -> (StatusCode, Value) {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        let path = format!("/register/{client_id}");
        told(self.ask(method, &path, &headers, body).await).await
    }

    async fn token(&self, body: &str) -> StatusCode {
        let request = Request::post("/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()));
        self.router.call(request.unwrap()).await.unwrap().status()
    }
}

async fn told(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

fn web() -> Value {
    json!({ "redirect_uris": ["https://app.example/cb"], "client_name": "App" })
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} of {value}"))
}

const SERVICES: &str = "open = true\ngrants = [\"client_credentials\"]\nscopes = [\"api:read\"]";

fn service() -> Value {
    json!({ "grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_post" })
}

fn credentials(client: &Value) -> String {
    let (id, secret) = (text(client, "client_id"), text(client, "client_secret"));
    format!("grant_type=client_credentials&client_id={id}&client_secret={secret}")
}

#[tokio::test]
async fn where_it_is_off_there_is_nothing_at_its_paths() {
    let server = Server::with(OPEN);
    server
        .current
        .update::<_, crate::http::NotReplaced>(|app| {
            app.server.registration = None;
            Ok(())
        })
        .unwrap();
    for (method, path) in [
        (Method::POST, "/register"),
        (Method::GET, "/register/x"),
        (Method::PUT, "/register/x"),
        (Method::DELETE, "/register/x"),
    ] {
        let answer = server.ask(method.clone(), path, &[], &web()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method} {path}");
    }
}

#[tokio::test]
async fn a_client_registers_and_is_there_for_the_next_request_and_the_next_start() {
    let server = Server::with(SERVICES);
    let answer = server.ask(Method::POST, "/register", &[], &service()).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["content-type"], "application/json");
    let (_, client) = told(answer).await;
    let id = text(&client, "client_id");
    assert_eq!(client["client_id_issued_at"], 1_000_000);
    assert_eq!(client["client_secret_expires_at"], 0);
    assert_eq!(client["scope"], "api:read");
    assert_eq!(
        text(&client, "registration_client_uri"),
        format!("http://localhost:8080/register/{id}")
    );
    assert_eq!(server.token(&credentials(&client)).await, StatusCode::OK);
    let app = server.current.app();
    assert_eq!(
        app.server.client(id).unwrap().provenance,
        Provenance::Registration
    );
    let mut again = demo_app_in(TempDir::new().path(), "http://localhost:8080").server;
    let sentences = crate::additions::load(&*app.store, &mut again).unwrap();
    assert_eq!(sentences, Vec::<String>::new());
    assert_eq!(
        again.client(id).unwrap().provenance,
        Provenance::Registration
    );
}

#[tokio::test]
async fn no_secret_is_kept_in_clear() {
    let server = Server::with(OPEN);
    let (_, client) = server.register(&web()).await;
    let app = server.current.app();
    let id = text(&client, "client_id");
    let kept = format!(
        "{:?} {:?}",
        app.store.added_client(id).unwrap(),
        app.store.registration(id).unwrap()
    );
    for name in ["client_secret", "registration_access_token"] {
        let secret = text(&client, name);
        assert!(secret.len() == 43 && !kept.contains(secret), "{name}");
    }
}

#[tokio::test]
async fn a_client_reads_changes_and_ends_its_registration() {
    let server = Server::with(OPEN);
    let (_, client) = server.register(&web()).await;
    let (id, token) = (
        text(&client, "client_id"),
        text(&client, "registration_access_token"),
    );
    let (status, read) = server.managed(Method::GET, id, token, &Value::Null).await;
    assert_eq!(status, StatusCode::OK);
    let mut expected = client.clone();
    expected.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(
        read, expected,
        "all but the secret, which nothing knows any more"
    );

    let public = json!({
        "client_id": id, "client_secret": text(&client, "client_secret"),
        "redirect_uris": ["https://other.example/cb"], "token_endpoint_auth_method": "none",
    });
    let (status, changed) = server.managed(Method::PUT, id, token, &public).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    assert_eq!(
        changed["redirect_uris"],
        json!(["https://other.example/cb"])
    );
    assert!(
        changed.get("client_name").is_none(),
        "what is left out is deleted"
    );
    assert!(changed.get("client_secret_expires_at").is_none());
    assert!(
        !server
            .current
            .app()
            .server
            .client(id)
            .unwrap()
            .is_confidential()
    );

    let confidential = json!({ "client_id": id, "redirect_uris": ["https://other.example/cb"] });
    let (_, changed) = server.managed(Method::PUT, id, token, &confidential).await;
    assert_ne!(
        text(&changed, "client_secret"),
        text(&client, "client_secret")
    );

    let (status, _) = server
        .managed(Method::DELETE, id, token, &Value::Null)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for method in [Method::GET, Method::DELETE] {
        let (status, _) = server.managed(method, id, token, &Value::Null).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    let app = server.current.app();
    assert!(app.server.client(id).is_none());
    assert!(app.store.added_client(id).unwrap().is_none());
    assert!(app.store.registration(id).unwrap().is_none());
}

#[tokio::test]
async fn a_change_that_is_refused_changes_nothing() {
    let server = Server::with(OPEN);
    let (_, client) = server.register(&web()).await;
    let (id, token) = (
        text(&client, "client_id"),
        text(&client, "registration_access_token"),
    );
    let uris = json!(["https://other.example/cb"]);
    for change in [
        json!({ "redirect_uris": uris }),
        json!({ "client_id": "web", "redirect_uris": uris }),
        json!({ "client_id": id, "client_secret": "of-my-choice", "redirect_uris": uris }),
        json!({ "client_id": id, "client_id_issued_at": 5, "redirect_uris": uris }),
        json!({ "client_id": id, "redirect_uris": ["http://other.example/cb"] }),
    ] {
        let (status, _) = server.managed(Method::PUT, id, token, &change).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{change}");
    }
    let (_, read) = server.managed(Method::GET, id, token, &Value::Null).await;
    assert_eq!(read["redirect_uris"], client["redirect_uris"]);
}

#[tokio::test]
async fn one_clients_token_is_nothing_to_another_and_what_is_configured_is_nobodys() {
    let server = Server::with(OPEN);
    let (_, one) = server.register(&web()).await;
    let (_, other) = server.register(&web()).await;
    let token = text(&one, "registration_access_token");
    for id in [text(&other, "client_id"), "web", "nobody", "%00", "a%2Fb"] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let (status, body) = server.managed(method, id, token, &web()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{id}");
            assert_eq!(body["error"], "invalid_token", "{id}");
        }
    }
    let path = format!("/register/{}", text(&one, "client_id"));
    let answer = server.ask(Method::GET, &path, &[], &Value::Null).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        answer.headers()["www-authenticate"],
        r#"Bearer realm="dockgate""#
    );
}

#[tokio::test]
async fn a_client_that_the_operator_disabled_manages_nothing() {
    let server = Server::with(OPEN);
    let (_, client) = server.register(&web()).await;
    let (id, token) = (
        text(&client, "client_id"),
        text(&client, "registration_access_token"),
    );
    let app = server.current.app();
    let mut stored = app.store.added_client(id).unwrap().unwrap();
    stored.disabled = true;
    app.store.put_added_client(&stored).unwrap();
    let change = json!({ "client_id": id, "redirect_uris": ["https://app.example/cb"] });
    for (method, body) in [(Method::GET, Value::Null), (Method::PUT, change)] {
        let (status, _) = server.managed(method, id, token, &body).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn without_an_initial_access_token_nobody_registers_unless_it_is_open() {
    let server = Server::with("[[initial_access_tokens]]\nname = \"ci\"\nsecret = \"of-ci\"");
    let post = async |headers: &[(&str, &str)]| {
        let answer = server.ask(Method::POST, "/register", headers, &web()).await;
        (
            answer.status(),
            answer.headers().get("www-authenticate").cloned(),
        )
    };
    let (status, challenge) = post(&[]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(challenge.unwrap(), r#"Bearer realm="dockgate""#);
    let (status, _) = post(&[("authorization", "Bearer of-others")]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (status, _) = post(&[("authorization", "Bearer of-ci")]).await;
    assert_eq!(status, StatusCode::CREATED);
}

#[tokio::test]
async fn there_are_never_more_than_max_clients_and_one_that_goes_makes_room() {
    let server = Server::with("open = true\nmax_clients = 2");
    let (_, first) = server.register(&web()).await;
    server.register(&web()).await;
    let answer = server.ask(Method::POST, "/register", &[], &web()).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
    let (id, token) = (
        text(&first, "client_id"),
        text(&first, "registration_access_token"),
    );
    server
        .managed(Method::DELETE, id, token, &Value::Null)
        .await;
    assert_eq!(server.register(&web()).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn an_address_that_registers_too_often_has_to_wait() {
    let server = Server::with(OPEN);
    let mut statuses = Vec::new();
    for _ in 0..21 {
        statuses.push(server.register(&web()).await.0.as_u16());
    }
    assert_eq!(statuses.pop(), Some(429));
    assert_eq!(statuses, [201; 20]);
}

#[tokio::test]
async fn who_never_had_a_token_goes_and_who_had_one_stays() {
    let server = Server::with(SERVICES);
    let (_, used) = server.register(&service()).await;
    let (_, unused) = server.register(&service()).await;
    assert_eq!(server.token(&credentials(&used)).await, StatusCode::OK);
    let at = async |clock: fn() -> u64| {
        server
            .current
            .update::<_, crate::http::NotReplaced>(|app| {
                app.clock = clock;
                Ok(())
            })
            .unwrap();
        remove_once(&server.current).unwrap()
    };
    assert_eq!(at(|| 1_000_000 + 30 * DAY - 1).await, 0);
    assert_eq!(at(|| 1_000_000 + 30 * DAY).await, 1);
    let app = server.current.app();
    assert!(app.server.client(text(&used, "client_id")).is_some());
    assert!(app.server.client(text(&unused, "client_id")).is_none());
    assert!(
        app.store
            .added_client(text(&unused, "client_id"))
            .unwrap()
            .is_none()
    );
    // A restart knows it too.
    let again = crate::registration::Registrations::open(&*app.store).unwrap();
    assert_eq!(again.unused_since(u64::MAX), []);
}

#[tokio::test]
async fn pages_of_the_clients_own_origins_read_its_answers() {
    let server = Server::with(OPEN);
    let origin = ("origin", "https://app.example");
    let foreign = ("origin", "https://evil.example");
    let allowed = |answer: &Response| answer.headers().get("access-control-allow-origin").cloned();
    let preflight = server
        .ask(Method::OPTIONS, "/register", &[origin], &Value::Null)
        .await;
    assert_eq!(allowed(&preflight).unwrap(), origin.1);
    let own = server
        .ask(Method::POST, "/register", &[origin], &web())
        .await;
    assert_eq!(allowed(&own).unwrap(), origin.1);
    let others = server
        .ask(Method::POST, "/register", &[foreign], &web())
        .await;
    assert_eq!(allowed(&others), None);
    let (_, client) = told(own).await;
    let path = format!("/register/{}", text(&client, "client_id"));
    let bearer = format!("Bearer {}", text(&client, "registration_access_token"));
    for (asking, expected) in [(origin, Some(origin.1)), (foreign, None)] {
        let headers = [asking, ("authorization", bearer.as_str())];
        let answer = server.ask(Method::GET, &path, &headers, &Value::Null).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let told = allowed(&answer).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(told.as_deref(), expected);
    }
    let closed = Server::with("[[initial_access_tokens]]\nname = \"ci\"\nsecret = \"of-ci\"");
    let preflight = closed
        .ask(Method::OPTIONS, "/register", &[foreign], &Value::Null)
        .await;
    assert_eq!(allowed(&preflight), None);
}

#[tokio::test]
async fn hostile_bodies_are_refused_and_never_a_failure() {
    let server = Server::with("[[initial_access_tokens]]\nname = \"ci\"\nsecret = \"of-ci\"");
    let deep = "[".repeat(10_000);
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"x\"",
        deep.as_str(),
        "{\"a\":1,\"a\":2}",
        "{\"jwks\":{\"keys\":[{}]}}",
    ] {
        let request = Request::post("/register")
            .header("content-type", "application/json")
            .header("authorization", "Bearer of-ci")
            .body(Body::from(body.to_owned()));
        let answer = server.router.call(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{body:.20}");
        let (_, told) = told(answer).await;
        assert!(text(&told, "error").starts_with("invalid_"), "{told}");
    }
}

#[tokio::test]
async fn many_register_at_once_and_all_are_there() {
    let server = Arc::new(Server::with(
        "[[initial_access_tokens]]\nname = \"ci\"\nsecret = \"of-ci\"\n",
    ));
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let server = server.clone();
            tokio::spawn(async move {
                let headers = [("authorization", "Bearer of-ci")];
                server
                    .ask(Method::POST, "/register", &headers, &web())
                    .await
                    .status()
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), StatusCode::CREATED);
    }
    let app = server.current.app();
    assert_eq!(app.server.clients.registered_count(), 50);
    assert_eq!(app.store.added_clients().unwrap().len(), 50);
}
