//! UserInfo, introspection and revocation over HTTP: headers, methods and origins.

use super::*;
use crate::protocol::fixture::tokens::{Issued, issued};

/// An issuer, and tokens of alice for `web` that it knows of.
struct Running {
    service: TowerToHyperService<axum::Router>,
    tokens: Issued,
    _directory: TempDir,
}

impl Running {
    fn with_scope(scope: &str) -> Self {
        let directory = TempDir::new();
        let app = App {
            store: Arc::new(SledStore::open(directory.path(), 1 << 20).unwrap()),
            ..demo_app("http://localhost:8080")
        };
        // A runtime of its own, on a thread that has none yet.
        let tokens = std::thread::scope(|threads| {
            let thread = threads.spawn(|| issued(app.context(), "web", scope));
            thread.join().unwrap()
        });
        Self {
            service: TowerToHyperService::new(routes(app)),
            tokens,
            _directory: directory,
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        self.service.call(request).await.unwrap()
    }
}

fn check_not_cached(response: &Response) {
    assert_eq!(header(response, "cache-control"), "no-store");
    assert_eq!(header(response, "pragma"), "no-cache");
    assert_eq!(header(response, "access-control-allow-credentials"), "");
}

#[tokio::test]
async fn userinfo_takes_the_token_in_the_header_or_in_a_posted_form() {
    let running = Running::with_scope("openid email");
    let token = &running.tokens.access_token;
    let bearer = format!("Bearer {token}");
    let bearer = ("authorization", bearer.as_str());
    let form = format!("access_token={token}");
    for (method, headers, body) in [
        (Method::GET, vec![bearer], ""),
        (Method::POST, vec![bearer], ""),
        (Method::POST, vec![bearer, FORM], "x=1"),
        (Method::POST, vec![FORM], form.as_str()),
    ] {
        let response = running
            .ask(method, "/userinfo", &headers, body.to_owned())
            .await;
        assert_eq!(response.status(), StatusCode::OK, "{headers:?}");
        assert_eq!(header(&response, "content-type"), "application/json");
        check_not_cached(&response);
        let claims = json(response).await;
        assert_eq!(claims["sub"], "user-4cmzq8xg2v");
        assert_eq!(claims["email"], "alice@example.com");
        assert!(claims["name"].is_null());
    }
}

#[tokio::test]
async fn userinfo_challenges_whoever_brings_no_good_token() {
    let running = Running::with_scope("openid");
    let token = &running.tokens.access_token;
    let bearer = format!("Bearer {token}");
    let form = format!("access_token={token}");
    let in_url = format!("/userinfo?access_token={token}");
    let get_form = [FORM];
    let twice = [("authorization", bearer.as_str()), FORM];
    let garbage = [("authorization", "Bearer x")];
    for (method, path, headers, body, status, error) in [
        (Method::GET, "/userinfo", &[][..], "", 401, ""),
        (Method::GET, "/userinfo", &get_form, &form, 401, ""),
        (Method::GET, "/userinfo", &garbage, "", 401, "invalid_token"),
        (
            Method::POST,
            "/userinfo",
            &twice,
            &form,
            400,
            "invalid_request",
        ),
        (Method::GET, &in_url, &[], "", 400, "invalid_request"),
        (Method::POST, &in_url, &[], "", 400, "invalid_request"),
    ] {
        let response = running.ask(method, path, headers, body.to_owned()).await;
        assert_eq!(response.status().as_u16(), status, "{path} {headers:?}");
        check_not_cached(&response);
        let challenge = header(&response, "www-authenticate");
        assert!(challenge.starts_with(r#"Bearer realm="dockgate""#));
        if error.is_empty() {
            assert!(!challenge.contains("error"), "RFC 6750 §3.1: {challenge}");
        } else {
            assert!(challenge.contains(&format!(r#"error="{error}""#)));
        }
        assert!(!challenge.contains(token.as_str()));
    }
    let without = Running::with_scope("api:read");
    let bearer = format!("Bearer {}", without.tokens.access_token);
    let headers = [("authorization", bearer.as_str())];
    let response = without.ask(Method::GET, "/userinfo", &headers, "").await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(header(&response, "www-authenticate").ends_with(r#"scope="openid""#));
    assert_eq!(json(response).await["error"], "insufficient_scope");
}

#[tokio::test]
async fn pages_of_the_tokens_client_may_read_userinfo() {
    let running = Running::with_scope("openid");
    let bearer = format!("Bearer {}", running.tokens.access_token);
    let bearer = ("authorization", bearer.as_str());
    for (origin, may_read) in [(OWN, OWN.1), (OTHER, ""), (FOREIGN, "")] {
        let headers = [bearer, origin];
        let response = running.ask(Method::GET, "/userinfo", &headers, "").await;
        assert_eq!(response.status(), StatusCode::OK);
        let allowed = header(&response, "access-control-allow-origin");
        assert_eq!(allowed, may_read, "{origin:?}");
        assert_eq!(header(&response, "vary"), "Origin");
    }
    // As long as nobody is known, any client's pages may read what went wrong.
    for (origin, may_read) in [(OWN, OWN.1), (OTHER, OTHER.1), (FOREIGN, "")] {
        let response = running.ask(Method::GET, "/userinfo", &[origin], "").await;
        let allowed = header(&response, "access-control-allow-origin");
        assert_eq!(allowed, may_read, "{origin:?}");
    }
}

#[tokio::test]
async fn introspection_is_for_servers_alone() {
    let running = Running::with_scope("api:read");
    let token = &running.tokens.access_token;
    let body = format!("client_id=gateway&client_secret=gateway-secret&token={token}");
    let response = running
        .ask(Method::POST, "/introspect", &[FORM, OWN], body)
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "access-control-allow-origin"), "");
    assert_eq!(header(&response, "content-type"), "application/json");
    check_not_cached(&response);
    assert_eq!(json(response).await["active"], true);
    let preflight = running
        .ask(Method::OPTIONS, "/introspect", &[OWN], "")
        .await;
    assert_eq!(preflight.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header(&preflight, "access-control-allow-origin"), "");
    for client in ["", "client_id=spa&", "client_id=gateway&client_secret=x&"] {
        let body = format!("{client}token={token}");
        let response = running
            .ask(Method::POST, "/introspect", &[FORM], body)
            .await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{client}");
        assert!(header(&response, "www-authenticate").starts_with("Basic realm="));
        check_not_cached(&response);
        assert_eq!(json(response).await["error"], "invalid_client");
    }
}

#[tokio::test]
async fn a_revocation_says_nothing_but_that_it_is_done() {
    let running = Running::with_scope("api:read");
    for token in [running.tokens.refresh_token.as_str(), "x"] {
        let body = format!("client_id=web&client_secret=web-secret&token={token}");
        let response = running
            .ask(Method::POST, "/revoke", &[FORM, OWN], body)
            .await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, "access-control-allow-origin"), OWN.1);
        check_not_cached(&response);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(body.is_empty());
    }
    let body = format!("client_id=tv&token={}", running.tokens.access_token);
    let response = running
        .ask(Method::POST, "/revoke", &[FORM, OWN], body)
        .await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(header(&response, "access-control-allow-origin"), "");
    assert_eq!(json(response).await["error"], "invalid_grant");
}
