//! What all endpoints have in common: methods, origins, errors, and where they are.

use super::*;

#[tokio::test]
async fn preflights_pass_for_origins_of_some_client_where_pages_may_ask() {
    for (path, methods) in [
        ("/token", "POST"),
        ("/par", "POST"),
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
async fn a_method_that_an_endpoint_does_not_have_is_refused_with_those_it_has() {
    for (path, others, allowed) in [
        (
            "/token",
            &["GET", "HEAD", "PUT", "DELETE"][..],
            "OPTIONS,POST",
        ),
        ("/par", &["GET", "PUT"], "OPTIONS,POST"),
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
        let router = routes(demo_app(issuer));
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
