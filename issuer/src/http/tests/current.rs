//! A change at run time.

use super::*;

#[tokio::test]
async fn a_change_is_seen_by_every_request_after_it_and_by_none_before() {
    let mut app = demo_app("http://localhost:8080");
    let current = Current::new(app.clone()).unwrap();
    let service = TowerToHyperService::new(router::router(&current));
    let scopes = async || {
        let request = Request::get("/.well-known/oauth-authorization-server");
        let response = service.call(request.body(Body::empty()).unwrap());
        let body = response.await.unwrap().into_body().collect().await;
        let document: Value = serde_json::from_slice(&body.unwrap().to_bytes()).unwrap();
        document["scopes_supported"].to_string()
    };
    let before = current.app();
    assert!(scopes().await.contains("api:read"));
    app.server.resource_servers[0].scopes.clear();
    current.replace(app).unwrap();
    assert!(!scopes().await.contains("api:read"));
    assert!(!before.server.resource_servers[0].scopes.is_empty());
    assert!(current.app().server.resource_servers[0].scopes.is_empty());
}
