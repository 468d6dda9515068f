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
            service: TowerToHyperService::new(router::router(app).unwrap()),
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

/// Of `web`.
const OWN: (&str, &str) = ("origin", "http://localhost:3000");
/// Of `spa`.
const OTHER: (&str, &str) = ("origin", "http://127.0.0.1:51234");
const FOREIGN: (&str, &str) = ("origin", "https://evil.example");

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
async fn preflights_pass_for_origins_of_some_client_where_pages_may_ask() {
    for (path, methods) in [
        ("/token", "POST"),
        ("/revoke", "POST"),
        ("/userinfo", "GET, POST"),
    ] {
        for (origin, passes) in [(OWN, true), (OTHER, true), (FOREIGN, false)] {
            let asked = ("access-control-request-headers", "authorization");
            let response = ask(Method::OPTIONS, path, &[origin, asked], "").await;
            assert_eq!(response.status(), StatusCode::NO_CONTENT, "{path}");
            assert_eq!(header(&response, "vary"), "Origin");
            let of = |text| if passes { text } else { "" };
            for (name, value) in [
                ("origin", of(origin.1)),
                ("methods", of(methods)),
                ("headers", of("Authorization, Content-Type")),
                ("credentials", ""),
            ] {
                let name = format!("access-control-allow-{name}");
                assert_eq!(header(&response, &name), value, "{path} {origin:?}");
            }
        }
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

#[tokio::test]
async fn a_method_that_an_endpoint_does_not_have_is_refused_with_those_it_has() {
    for (path, others, allowed) in [
        (
            "/token",
            &["GET", "HEAD", "PUT", "DELETE"][..],
            "OPTIONS,POST",
        ),
        ("/revoke", &["GET", "HEAD", "PATCH"], "OPTIONS,POST"),
        ("/introspect", &["GET", "OPTIONS", "PUT"], "POST"),
        ("/userinfo", &["PUT", "DELETE"], "GET,HEAD,OPTIONS,POST"),
        (
            "/.well-known/jwks.json",
            &["POST", "PUT"],
            "GET,HEAD,OPTIONS",
        ),
        (
            "/.well-known/openid-configuration",
            &["POST"],
            "GET,HEAD,OPTIONS",
        ),
    ] {
        for method in others {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let response = ask(method.clone(), path, &[OWN], "").await;
            assert_eq!(
                response.status(),
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path}"
            );
            let mut allow: Vec<_> = header(&response, "allow").split(',').collect();
            allow.sort_unstable();
            assert_eq!(allow.join(","), allowed, "{path}");
            assert_eq!(header(&response, "access-control-allow-origin"), "");
            assert_eq!(header(&response, "cache-control"), "no-store");
            if method != Method::HEAD {
                assert_eq!(json(response).await["error"], "invalid_request");
            }
        }
    }
}

#[tokio::test]
async fn what_a_client_sends_is_never_in_an_error() {
    let evil = "%22%5C%00%0D%0A%3Cscript%3E";
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E))
    };
    for (path, body) in [
        ("/token", format!("grant_type={evil}&client_id=spa")),
        (
            "/token",
            format!("grant_type=refresh_token&client_id={evil}"),
        ),
        ("/introspect", format!("client_id={evil}&token={evil}")),
        ("/revoke", format!("client_id={evil}&token={evil}")),
        ("/userinfo", format!("access_token={evil}")),
    ] {
        let response = ask(Method::POST, path, &[FORM], body).await;
        assert!(response.status().is_client_error(), "{path}");
        let body = json(response).await;
        for member in ["error", "error_description"] {
            let text = body[member].as_str().unwrap();
            assert!(plain(text) && !text.contains("script"), "{path}: {text}");
        }
    }
}

#[tokio::test]
async fn metadata_is_the_same_bytes_at_every_place() {
    for (issuer, paths) in [
        (
            "http://localhost:8080",
            &[
                "/.well-known/oauth-authorization-server",
                "/.well-known/openid-configuration",
            ][..],
        ),
        (
            "http://localhost:8080/auth",
            &[
                "/.well-known/oauth-authorization-server/auth",
                "/.well-known/openid-configuration/auth",
                "/auth/.well-known/openid-configuration",
            ],
        ),
    ] {
        let router = router::router(demo_app(issuer)).unwrap();
        let service = TowerToHyperService::new(router);
        let mut documents = Vec::new();
        for path in paths {
            let request = Request::get(*path).body(Body::empty()).unwrap();
            let response = service.call(request).await.unwrap();
            assert_eq!(header(&response, "content-type"), "application/json");
            assert_eq!(header(&response, "access-control-allow-origin"), "*");
            documents.push(response.into_body().collect().await.unwrap().to_bytes());
        }
        documents.dedup();
        assert_eq!(documents.len(), 1, "{issuer}");
        let document: Value = serde_json::from_slice(&documents[0]).unwrap();
        for name in ["userinfo", "introspection", "revocation", "end_session"] {
            let url = document[format!("{name}_endpoint")].as_str().unwrap();
            assert!(url.starts_with(issuer), "{url}");
        }
    }
}

#[tokio::test]
async fn an_issuer_with_a_path_has_its_endpoints_below_it() {
    let service = service("http://localhost:8080/auth");
    for path in ["/userinfo", "/introspect", "/revoke"] {
        for (path, status) in [(format!("/auth{path}"), 405), (path.to_owned(), 404)] {
            let request = Request::delete(&path).body(Body::empty()).unwrap();
            let response = service.call(request).await.unwrap();
            assert_eq!(response.status().as_u16(), status, "{path}");
        }
    }
}
