//! A client whose id is a URL, at the endpoints: its document comes from a real server on loopback.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::website::Website;
use super::*;
use crate::protocol::client_id_metadata::{Depth, named};

/// A server of one document, whose id it is put into.
async fn website(document: &str) -> (String, Website) {
    let site = Website::start().await;
    let id = site.id();
    site.put("/client.json", 200, &document.replace("ID", &id));
    (id, site)
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
    let (id, _site) = website(GOOD).await;
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
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"client_secret_expires_at":0}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"client_secret_post"}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"client_secret_basic"}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"client_secret_jwt"}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"tls_client_auth"}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"jwks":{"keys":[{"kty":"oct","k":"AAAA"}]}}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"jwks":{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}]}}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"private_key_jwt"}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"http://app.example/jwks"}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"file:///etc/passwd"}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"ID"}"#,
        r#"{"client_id":["ID"],"redirect_uris":["https://app.example/cb"]}"#,
        r#"{"client_id":"ID","redirect_uris":"https://app.example/cb"}"#,
        r#"{"client_id":"ID","redirect_uris":["cursor://app/cb"]}"#,
        r#"{"client_id":"ID","redirect_uris":["javascript:alert(1)"]}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb#x"]}"#,
        r#"{"client_id":"ID","redirect_uris":["https://*.app.example/cb"]}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"grant_types":["refresh_token"]}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"logo_uri":"javascript:alert(1)"}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"scope":"nothing:of-this"}"#,
        r#"{"client_id":"ID","redirect_uris":["http://app.example/cb"]}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"grant_types":["client_credentials"]}"#,
        r#"{"client_id":"ID","client_id":"ID","redirect_uris":["https://app.example/cb"]}"#,
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"x":[[[[[[[[[1]]]]]]]]]}"#,
        "[]",
        "",
    ] {
        let (id, _site) = website(document).await;
        let directory = TempDir::new();
        let (status, told) = push(app(directory.path(), true), &id).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{document}");
        assert_eq!(told["error"], "invalid_client", "{document}");
    }
}

const WITH_KEYS: &str = r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"KEYS"}"#;

/// What comes of an authorization request of the client.
async fn authorize(app: &App, id: &str) -> StatusCode {
    let service = TowerToHyperService::new(routes(app.clone()));
    let path = format!(
        "/authorize?response_type=code&client_id={id}&redirect_uri=https://app.example/cb&scope=api:read&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    );
    let request = Request::get(path).body(Body::empty()).unwrap();
    service.call(request).await.unwrap().status()
}

/// Whoever names a URL of another client's, as an id of a client or as keys, takes nothing away.
#[tokio::test]
async fn a_client_stays_known_whatever_strangers_say_its_documents_are() {
    let site = Website::start().await;
    let (id, keys) = (site.id(), format!("{}/jwks.json", site.origin));
    let document = WITH_KEYS.replace("ID", &id).replace("KEYS", &keys);
    site.put("/client.json", 200, &document);
    site.put(
        "/jwks.json",
        200,
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
    );
    let directory = TempDir::new();
    let app = app(directory.path(), true);
    let good = authorize(&app, &id).await;
    assert!(good.is_success() || good.is_redirection(), "{good}");

    assert_eq!(authorize(&app, &keys).await, StatusCode::BAD_REQUEST);
    for of_stranger in [&id, &keys] {
        let stranger = Website::start().await;
        let document = WITH_KEYS
            .replace("ID", &stranger.id())
            .replace("KEYS", of_stranger)
            .replacen('{', r#"{"grant_types":["password"],"#, 1);
        stranger.put("/client.json", 200, &document);
        let refused = authorize(&app, &stranger.id()).await;
        assert_eq!(refused, StatusCode::BAD_REQUEST, "{of_stranger}");
    }
    assert_eq!(authorize(&app, &id).await, good);
}

/// Draft §5.2: what is no good is not kept, however long it says that it is good for.
#[tokio::test]
async fn a_document_that_is_put_right_is_a_client_after_a_moment() {
    let (id, site) = website("{}").await;
    let directory = TempDir::new();
    let app = app(directory.path(), true);
    for (now, expected, asked) in [
        (1_000_000, StatusCode::UNAUTHORIZED, 1),
        (1_000_000, StatusCode::SERVICE_UNAVAILABLE, 1),
        (1_000_030, StatusCode::CREATED, 2),
    ] {
        let clock: crate::clock::Clock = match now {
            1_000_000 => || 1_000_000,
            _ => || 1_000_030,
        };
        let app = App {
            clock,
            ..app.clone()
        };
        let (status, told) = push(app, &id).await;
        assert_eq!((status, site.asked()), (expected, asked), "{told}");
        site.put("/client.json", 200, &GOOD.replace("ID", &id));
    }
}

#[tokio::test]
async fn what_comes_of_documents_is_counted() {
    let count = |outcome: &str| {
        let start = format!("dockgate_issuer_client_documents_total{{outcome=\"{outcome}\"}} ");
        let text = crate::metrics::text().unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(&start));
        line.map_or(0, |count| count.parse().unwrap())
    };
    let before: u64 = count("content_type") + count("status");
    let (id, site) = website(GOOD).await;
    site.put("/client.json", 418, "");
    let directory = TempDir::new();
    push(app(directory.path(), true), &id).await;
    assert!(count("content_type") + count("status") > before);
}

#[tokio::test]
async fn a_document_that_cannot_be_had_now_is_not_said_to_be_none() {
    let (id, site) = website(GOOD).await;
    site.put("/client.json", 503, "");
    let directory = TempDir::new();
    let app = app(directory.path(), true);
    let (answer, told) = push(app.clone(), &id).await;
    assert_eq!(answer, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(told["error"], "temporarily_unavailable");
    // What is in the network is answered as what is not there.
    let (of_keys, _site) = website(
        r#"{"client_id":"ID","redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://10.0.0.1/jwks"}"#,
    )
    .await;
    for id in ["https://10.0.0.1/c", "https://[fd00::1]/c", &of_keys] {
        let (answer, told) = push(app.clone(), id).await;
        assert_eq!(answer, StatusCode::SERVICE_UNAVAILABLE, "{id}: {told}");
    }
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
    let (id, _site) = website(GOOD).await;
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
    let (id, _site) = website(GOOD).await;
    let payload = URL_SAFE_NO_PAD.encode(format!("{{\"client_id\":\"{id}\"}}"));
    let directory = TempDir::new();
    let app = app(directory.path(), true);
    let body = format!("client_id=gateway&client_secret=gateway-secret&token=x.{payload}.x");
    let request = crate::protocol::ClientRequest {
        body: body.as_bytes(),
        ..Default::default()
    };
    let named = named(app.context(), &request, Depth::Grants).await.unwrap();
    let named: Vec<_> = named.iter().map(|named| named.id.as_str()).collect();
    assert_eq!(named, ["gateway"]);
}
