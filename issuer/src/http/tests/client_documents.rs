//! A client whose id is a URL, at the endpoints: its document comes from a real server on loopback.

use std::sync::atomic::{AtomicU16, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A server of one document, whose id it is put into; with status 0 it answers nothing.
async fn website(document: &'static str) -> (String, Arc<AtomicU16>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let id = format!("http://{}/client.json", listener.local_addr().unwrap());
    let status = Arc::new(AtomicU16::new(200));
    let (own, told) = (id.clone(), status.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let _length = stream.read(&mut head).await;
            let status = told.load(Ordering::SeqCst);
            let body = document.replace("ID", &own);
            let answer = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.ok();
        }
    });
    (id, status)
}

fn app(directory: &Path, on: bool) -> App {
    let text = format!("{DEMO}\n[client_id_metadata]\nenabled = {on}\nallow_loopback = true\n");
    let config = crate::config::parse(Path::new("issuer.toml"), &text, []).unwrap();
    App {
        server: config.server,
        entropy: crate::entropy::system_entropy,
        ..demo_app_in(directory, "http://localhost:8080")
    }
}

const GOOD: &str = r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"grant_types":["authorization_code","refresh_token","implicit"],"response_types":["code","token"]}"#;

async fn push(app: App, id: &str) -> (StatusCode, Value) {
    let service = TowerToHyperService::new(routes(app));
    let body = format!(
        "response_type=code&client_id={id}&redirect_uri=https://app.example/cb&scope=api:read&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    );
    let request = Request::post("/par")
        .header(FORM.0, FORM.1)
        .body(Body::from(body));
    let response = service.call(request.unwrap()).await.unwrap();
    let status = response.status();
    (status, json(response).await)
}

#[tokio::test]
async fn a_document_is_a_client_where_that_is_on_and_nothing_where_it_is_off() {
    let (id, _) = website(GOOD).await;
    for (on, expected) in [
        (true, StatusCode::CREATED),
        (false, StatusCode::UNAUTHORIZED),
    ] {
        let directory = TempDir::new();
        let (status, told) = push(app(directory.path(), on), &id).await;
        assert_eq!(status, expected, "{told}");
    }
}

#[tokio::test]
async fn a_document_that_is_no_good_is_no_client() {
    for document in [
        r#"{"client_id":"http://127.0.0.1/other","redirect_uris":["https://app.example/cb"]}"#,
        r#"{"client_id":"ID/","redirect_uris":["https://app.example/cb"]}"#,
        r#"{"redirect_uris":["https://app.example/cb"]}"#,
        r#"{"client_id":"ID"}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"client_secret":"x"}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"client_secret_post"}"#,
        r#"{"client_id":"ID","redirect_uris":["http://app.example/cb"]}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"grant_types":["client_credentials"]}"#,
        r#"{"client_id":"ID","client_id":"ID","redirect_uris":["https://app.example/cb"]}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"x":[[[[[[[[[1]]]]]]]]]}"#,
        "[]",
        "",
    ] {
        let (id, _) = website(document).await;
        let directory = TempDir::new();
        let (status, told) = push(app(directory.path(), true), &id).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{document}");
        assert_eq!(told["error"], "invalid_client", "{document}");
    }
}

#[tokio::test]
async fn a_document_that_cannot_be_had_now_is_not_said_to_be_none() {
    let (id, status) = website(GOOD).await;
    status.store(503, Ordering::SeqCst);
    let directory = TempDir::new();
    let (answer, told) = push(app(directory.path(), true), &id).await;
    assert_eq!(answer, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(told["error"], "temporarily_unavailable");
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_in_the_document_is_refused() {
    let (id, _) =
        website(r#"{"client_id":"ID","redirect_uris":["https://other.example/cb"]}"#).await;
    let directory = TempDir::new();
    let (status, _) = push(app(directory.path(), true), &id).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_metadata_says_so_only_where_it_is_on() {
    for on in [true, false] {
        let directory = TempDir::new();
        let service = TowerToHyperService::new(routes(app(directory.path(), on)));
        let path = "/.well-known/oauth-authorization-server";
        let request = Request::get(path).body(Body::empty()).unwrap();
        let document = json(service.call(request).await.unwrap()).await;
        let said = document.get("client_id_metadata_document_supported");
        assert_eq!(said, on.then_some(&Value::Bool(true)));
        let methods = document["token_endpoint_auth_methods_supported"]
            .as_array()
            .unwrap();
        assert!(methods.contains(&"none".into()));
        assert_eq!(methods.contains(&"private_key_jwt".into()), on);
    }
}

#[tokio::test]
async fn a_preflight_passes_for_a_client_that_is_known() {
    let (id, _) = website(GOOD).await;
    let directory = TempDir::new();
    let app = app(directory.path(), true);
    let preflight = async |app: App| {
        let service = TowerToHyperService::new(routes(app));
        let request = Request::options("/token")
            .header("origin", "https://app.example")
            .body(Body::empty());
        let response = service.call(request.unwrap()).await.unwrap();
        header(&response, "access-control-allow-origin").to_owned()
    };
    assert_eq!(preflight(app.clone()).await, "");
    push(app.clone(), &id).await;
    assert_eq!(preflight(app).await, "https://app.example");
}

/// The signature of nobody names nobody, so that no stranger makes the issuer fetch what they like.
#[tokio::test]
async fn a_token_that_is_none_of_ours_has_nothing_fetched() {
    let (id, _) = website(GOOD).await;
    let payload = URL_SAFE_NO_PAD.encode(format!("{{\"client_id\":\"{id}\"}}"));
    let directory = TempDir::new();
    let app = app(directory.path(), true);
    let body = format!("client_id=gateway&client_secret=gateway-secret&token=x.{payload}.x");
    let request = crate::protocol::ClientRequest {
        body: body.as_bytes(),
        ..Default::default()
    };
    let named = crate::protocol::client_id_metadata::named(app.context(), &request);
    let named: Vec<_> = named.iter().map(|named| named.id.as_str()).collect();
    assert_eq!(named, ["gateway"]);
}
