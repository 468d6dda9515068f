//! Pushed authorization requests, and what the metadata says about authorization requests.

use super::*;

const PUSH: &str = "response_type=code&client_id=web&client_secret=web-secret&state=s\
                    &redirect_uri=http://localhost:3000/callback&scope=api:read";

#[tokio::test]
async fn a_push_is_answered_with_201_that_nobody_caches() {
    let origin = ("origin", "http://localhost:3000");
    let directory = TempDir::new();
    let app = App {
        store: Arc::new(SledStore::open(directory.path(), 1 << 20).unwrap()),
        ..demo_app("http://localhost:8080")
    };
    let service = TowerToHyperService::new(routes(app));
    let request = Request::post("/par")
        .header(FORM.0, FORM.1)
        .header(origin.0, origin.1);
    let response = service.call(request.body(Body::from(PUSH)).unwrap()).await;
    let response = response.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(header(&response, "access-control-allow-origin"), origin.1);
    let body = json(response).await;
    let name = body["request_uri"].as_str().unwrap();
    assert!(name.starts_with("urn:ietf:params:oauth:request_uri:"));
    assert_eq!(body["expires_in"], 90);
}

#[tokio::test]
async fn a_push_that_is_refused_is_told_in_json() {
    for (change, status, code) in [
        (("web-secret", "x"), 401, "invalid_client"),
        (("callback", "elsewhere"), 400, "invalid_request"),
        (("api:read", "nothing"), 400, "invalid_scope"),
        (("=code", "=token"), 400, "unauthorized_client"),
    ] {
        let response = ask(
            Method::POST,
            "/par",
            &[FORM],
            PUSH.replace(change.0, change.1),
        )
        .await;
        assert_eq!(response.status().as_u16(), status, "{change:?}");
        assert_eq!(header(&response, "cache-control"), "no-store");
        assert_eq!(json(response).await["error"], code);
    }
    let in_url = ask(Method::POST, &format!("/par?{PUSH}"), &[FORM], "").await;
    assert_eq!(in_url.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_metadata_says_what_an_authorization_request_may_be() {
    let document = json(ask(Method::GET, "/.well-known/openid-configuration", &[], "").await).await;
    for (name, value) in [
        (
            "authorization_endpoint",
            "http://localhost:8080/authorize".into(),
        ),
        (
            "pushed_authorization_request_endpoint",
            "http://localhost:8080/par".into(),
        ),
        ("require_pushed_authorization_requests", false.into()),
        (
            "response_types_supported",
            serde_json::json!(["code", "token"]),
        ),
        (
            "response_modes_supported",
            serde_json::json!(["query", "fragment", "form_post"]),
        ),
        (
            "code_challenge_methods_supported",
            serde_json::json!(["S256"]),
        ),
        (
            "authorization_response_iss_parameter_supported",
            true.into(),
        ),
        (
            "prompt_values_supported",
            serde_json::json!(["none", "login", "consent", "select_account"]),
        ),
        ("claims_parameter_supported", false.into()),
        ("request_parameter_supported", false.into()),
        ("request_uri_parameter_supported", false.into()),
    ] {
        assert_eq!(document[name], value, "{name}");
    }
}

#[tokio::test]
async fn the_metadata_names_no_response_type_that_nobody_may_use() {
    let mut app = demo_app("http://localhost:8080");
    let metadata = |app: &App| {
        let metadata = crate::protocol::metadata::Metadata::of(&app.server);
        serde_json::to_value(metadata).unwrap()
    };
    app.server.clients.remove(&"legacy-spa".parse().unwrap());
    let document = metadata(&app);
    assert_eq!(
        document["response_types_supported"],
        serde_json::json!(["code"])
    );
    app.server.clients.clear();
    let document = metadata(&app);
    assert_eq!(document["response_types_supported"], serde_json::json!([]));
    assert!(document["authorization_endpoint"].is_null());
}
