//! Device authorization requests.

use super::*;

const PATH: &str = "/device_authorization";

#[tokio::test]
async fn a_device_begins_and_nobody_caches_its_codes() {
    let directory = TempDir::new();
    let app = App {
        store: Arc::new(SledStore::open(directory.path(), 1 << 20).unwrap()),
        ..demo_app("http://localhost:8080")
    };
    let service = TowerToHyperService::new(routes(app));
    let request = Request::post(PATH).header(FORM.0, FORM.1);
    let request = request.body(Body::from("client_id=tv")).unwrap();
    let response = service.call(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(header(&response, "content-type"), "application/json");
    let body = json(response).await;
    assert_eq!(body["verification_uri"], "http://localhost:8080/device");
    assert_eq!(
        (&body["expires_in"], &body["interval"]),
        (&600.into(), &5.into())
    );
}

#[tokio::test]
async fn a_refusal_is_like_one_of_the_token_endpoint() {
    let refused = ask(Method::POST, PATH, &[FORM], "client_id=spa").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert_eq!(header(&refused, "cache-control"), "no-store");
    assert_eq!(json(refused).await["error"], "unauthorized_client");
    let nobody = ask(Method::POST, PATH, &[FORM], "client_id=nobody").await;
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    let get = ask(Method::GET, PATH, &[], Body::empty()).await;
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn pages_of_some_clients_origin_may_ask() {
    for (origin, allowed) in [
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://evil.example", ""),
    ] {
        let headers = [("origin", origin)];
        let preflight = ask(Method::OPTIONS, PATH, &headers, Body::empty()).await;
        assert_eq!(header(&preflight, "access-control-allow-origin"), allowed);
    }
}
