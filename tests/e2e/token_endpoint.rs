//! Client credentials at `/token`, through Envoy.

use dockgate_tests::authorization_server::{basic, claims, token_request};
use dockgate_tests::demo;
use dockgate_tests::http::{Request, get, post};
use dockgate_token::CompactJws;
use serde_json::{Value, json};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[test]
fn an_access_token_is_what_rfc_9068_says() {
    let stack = demo();
    let response = token_request(&stack, &[GRANT, ("scope", "api:read api:write")]);
    assert_eq!(response.status, 200);
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let answer = response.json();
    assert_eq!(
        (
            answer["token_type"].clone(),
            answer["expires_in"].clone(),
            answer["scope"].clone()
        ),
        (json!("Bearer"), json!(600), json!("api:read api:write"))
    );
    assert_eq!(answer.get("refresh_token"), None);
    let token = answer["access_token"].as_str().unwrap();
    let header: Value =
        serde_json::from_slice(&CompactJws::parse(token.as_bytes()).unwrap().header).unwrap();
    assert_eq!(
        (header["typ"].clone(), header["alg"].clone()),
        (json!("at+jwt"), json!("RS256"))
    );
    let claims = claims(token);
    assert_eq!(claims["iss"], stack.base_url());
    assert_eq!(
        (
            claims["sub"].clone(),
            claims["client_id"].clone(),
            claims["aud"].clone()
        ),
        (json!("service"), json!("service"), json!("api-gateway"))
    );
    assert_eq!(
        claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(),
        600
    );
    assert!(claims["jti"].as_str().unwrap().len() >= 22);
}

#[test]
fn a_client_may_authenticate_by_form_too() {
    let stack = demo();
    let form = [
        GRANT,
        ("client_id", "service"),
        ("client_secret", "service-secret"),
    ];
    let response = post("/token").form(&form).send(stack.ports().http);
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(
        response.json()["scope"],
        "api:read",
        "the resource server's default scope"
    );
}

#[test]
fn a_resource_indicator_becomes_part_of_the_audience() {
    let stack = demo();
    let mcp = format!("{}/mcp", stack.base_url());
    let response = token_request(&stack, &[GRANT, ("resource", &mcp)]);
    assert_eq!(response.status, 200, "{}", response.text());
    let token = response.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(claims(&token)["aud"], json!(["api-gateway", mcp]));
    // Such a token opens that resource and nothing else of this origin.
    assert_eq!(
        get("/mcp").bearer(&token).send(stack.ports().http).status,
        404,
        "the API has no such path, but was asked"
    );
    assert_eq!(
        get("/api/protected/data")
            .bearer(&token)
            .send(stack.ports().http)
            .status,
        401
    );
    let elsewhere = token_request(&stack, &[GRANT, ("resource", "https://elsewhere.example")]);
    assert_eq!(
        (elsewhere.status, elsewhere.json()["error"].clone()),
        (400, json!("invalid_target"))
    );
}

#[test]
fn errors_are_those_of_rfc_6749() {
    let stack = demo();
    let port = stack.ports().http;
    let wrong = basic("service", "wrong");
    let service = basic("service", "service-secret");
    let spa = [GRANT, ("client_id", "spa")];
    let both = [
        GRANT,
        ("client_id", "service"),
        ("client_secret", "service-secret"),
    ];
    let cases = [
        (
            "no client",
            post("/token").form(&[GRANT]),
            401,
            "invalid_client",
        ),
        (
            "a wrong secret",
            post("/token")
                .header("authorization", &wrong)
                .form(&[GRANT]),
            401,
            "invalid_client",
        ),
        (
            "an unknown client",
            post("/token")
                .header("authorization", basic("nobody", "x"))
                .form(&[GRANT]),
            401,
            "invalid_client",
        ),
        (
            "two ways at once",
            post("/token").header("authorization", &service).form(&both),
            400,
            "invalid_request",
        ),
        (
            "no grant type",
            post("/token")
                .header("authorization", &service)
                .form(&[("a", "b")]),
            400,
            "invalid_request",
        ),
        (
            "a repeated parameter",
            post("/token")
                .header("authorization", &service)
                .form(&[GRANT, GRANT]),
            400,
            "invalid_request",
        ),
        (
            "an unknown grant",
            post("/token")
                .header("authorization", &service)
                .form(&[("grant_type", "magic")]),
            400,
            "unsupported_grant_type",
        ),
        (
            "too much scope",
            post("/token")
                .header("authorization", &service)
                .form(&[GRANT, ("scope", "api:admin")]),
            400,
            "invalid_scope",
        ),
        (
            "a public client",
            post("/token").form(&spa),
            400,
            "unauthorized_client",
        ),
    ];
    for (what, request, status, error) in cases {
        let response = request.send(port);
        assert_eq!(
            (response.status, response.json()["error"].clone()),
            (status, json!(error)),
            "{what}: {}",
            response.text()
        );
        assert_eq!(response.header("cache-control"), Some("no-store"), "{what}");
    }
    let refused = post("/token")
        .header("authorization", &wrong)
        .form(&[GRANT])
        .send(port);
    assert!(
        refused
            .header("www-authenticate")
            .unwrap()
            .starts_with("Basic")
    );
    assert_eq!(get("/token").send(port).status, 405);
    let in_query = post("/token?client_id=service&client_secret=service-secret")
        .form(&[GRANT])
        .send(port);
    assert!(
        (400..=401).contains(&in_query.status),
        "{}",
        in_query.text()
    );
}

#[test]
fn bad_input_is_refused_and_never_an_error_of_the_server() {
    let stack = demo();
    let service = basic("service", "service-secret");
    let form = "application/x-www-form-urlencoded";
    for body in [
        &b"\xff\xfe=%ff&grant_type"[..],
        b"grant_type=%zz",
        b"&&&===",
        b"grant_type=client_credentials&scope=%00",
        b"{}",
    ] {
        let mut request = post("/token")
            .header("authorization", &service)
            .header("content-type", form);
        request = request.raw_body(body);
        let response = request.send(stack.ports().http);
        assert_eq!(response.status, 400, "{body:?}: {}", response.text());
        assert!(response.json()["error"].is_string());
    }
    let huge = post("/token")
        .header("authorization", &service)
        .header("content-type", form)
        .raw_body(&vec![b'a'; 200 * 1024]);
    assert!(matches!(huge.send(stack.ports().http).status, 400 | 413));
    let json_body = post("/token")
        .header("authorization", &service)
        .json(&json!({"grant_type": "client_credentials"}));
    assert!(matches!(
        json_body.send(stack.ports().http).status,
        400 | 415
    ));
    assert_eq!(token_request(&stack, &[GRANT]).status, 200);
}

#[test]
fn pages_of_a_clients_own_origin_may_ask_and_no_others() {
    let stack = demo();
    let preflight = |origin: &str, path: &str| {
        Request::new("OPTIONS", path)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
            .send(stack.ports().http)
    };
    let web = "http://localhost:3000";
    let allowed = preflight(web, "/token");
    assert_eq!(allowed.header("access-control-allow-origin"), Some(web));
    assert_eq!(allowed.header("access-control-allow-credentials"), None);
    assert!(
        allowed
            .header("vary")
            .unwrap()
            .to_ascii_lowercase()
            .contains("origin")
    );
    assert_eq!(
        preflight("https://evil.example", "/token").header("access-control-allow-origin"),
        None
    );
    assert_eq!(
        preflight("https://any.example", "/.well-known/jwks.json")
            .header("access-control-allow-origin"),
        Some("*")
    );
    assert_eq!(
        preflight(
            "https://any.example",
            "/.well-known/oauth-authorization-server"
        )
        .header("access-control-allow-origin"),
        Some("*")
    );
}
