//! The other grants: device, token exchange, password, implicit; and pushed requests.

use dockgate_tests::authorization_server::claims;
use dockgate_tests::browser::Browser;
use dockgate_tests::demo;
use dockgate_tests::http::get;
use dockgate_tests::sign_in::*;
use serde_json::json;

const ALICE: (&str, &str) = ("alice", "wonderland");
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

#[test]
fn a_television_is_connected_on_a_phone() {
    let stack = demo();
    let begun = client_post(
        &stack,
        "/device_authorization",
        "tv",
        &[("scope", "api:read")],
    );
    assert_eq!(begun.status, 200, "{}", begun.text());
    let begun = begun.json();
    let device_code = text(&begun, "device_code");
    let poll = || {
        token(
            &stack,
            "tv",
            &[("grant_type", DEVICE), ("device_code", device_code)],
        )
    };
    assert_eq!(poll().json()["error"], "authorization_pending");
    assert_eq!(
        poll().json()["error"],
        "slow_down",
        "sooner than the interval"
    );
    let foreign = token(
        &stack,
        "web",
        &[("grant_type", DEVICE), ("device_code", device_code)],
    );
    assert_eq!(foreign.json()["error"], "unauthorized_client");

    let mut phone = Browser::new(stack.ports().http);
    let page = phone.open(text(&begun, "verification_uri_complete"));
    let page = if page.response.text().contains("name=\"password\"") {
        phone.submit(&page, &[("username", ALICE.0), ("password", ALICE.1)], None)
    } else {
        page
    };
    let page = if page.response.text().contains("value=\"allow\"") {
        page
    } else {
        phone.submit(&page, &[("user_code", text(&begun, "user_code"))], None)
    };
    let page = if page.response.text().contains("name=\"password\"") {
        phone.submit(&page, &[("username", ALICE.0), ("password", ALICE.1)], None)
    } else {
        page
    };
    let done = phone.submit(&page, &[], Some("allow"));
    assert_eq!(done.response.status, 200, "{}", done.response.text());

    let deadline = dockgate_stack::Deadline::after(std::time::Duration::from_secs(60));
    let tokens = deadline
        .poll(|| {
            let answer = poll();
            (answer.status == 200).then(|| answer.json())
        })
        .expect("tokens");
    assert_eq!(tokens["scope"], "api:read");
    assert!(tokens["refresh_token"].is_string());
    let api = get("/api/protected/data")
        .bearer(text(&tokens, "access_token"))
        .send(stack.ports().http);
    assert_eq!(api.json()["user"], "user-4cmzq8xg2v");
    assert_eq!(poll().json()["error"], "invalid_grant", "once");
}

#[test]
fn a_gateway_exchanges_a_token_for_a_narrower_one() {
    let stack = demo();
    let subject = tokens(&stack, "web", "api:read api:write");
    let subject_token = text(&subject, "access_token");
    let exchange = |extra: &[(&str, &str)]| {
        let mut form = vec![
            ("grant_type", EXCHANGE),
            ("subject_token", subject_token),
            ("subject_token_type", ACCESS_TOKEN),
        ];
        form.extend(extra);
        token(&stack, "gateway", &form)
    };
    let answer = exchange(&[("audience", "api-gateway"), ("scope", "api:read")]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(answer["issued_token_type"], ACCESS_TOKEN);
    assert_eq!(answer.get("refresh_token"), None);
    let exchanged = text(&answer, "access_token");
    let new = claims(exchanged);
    assert_eq!(new["sub"], "user-4cmzq8xg2v");
    assert_eq!(new["act"]["sub"], "gateway");
    assert_eq!(new["scope"], "api:read");
    assert!(new["exp"].as_u64() <= claims(subject_token)["exp"].as_u64());
    for (extra, error) in [
        (("scope", "api:write"), "invalid_scope"),
        (("scope", "api:admin"), "invalid_scope"),
        (("audience", "elsewhere"), "invalid_target"),
        (("resource", "https://elsewhere.example"), "invalid_target"),
        (("actor_token", "x"), "invalid_request"),
        (
            (
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:refresh_token",
            ),
            "invalid_request",
        ),
    ] {
        let refused = exchange(&[extra]);
        assert_eq!(
            (refused.status, &refused.json()["error"]),
            (400, &json!(error)),
            "{extra:?}"
        );
    }
    // What revokes the grant revokes this too.
    let form = [("token", text(&subject, "refresh_token"))];
    client_post(&stack, "/revoke", "web", &form);
    assert_eq!(introspect(&stack, exchanged), json!({ "active": false }));
    assert_eq!(exchange(&[]).json()["error"], "invalid_request");
}

#[test]
fn the_password_grant_is_for_the_client_that_has_it() {
    let stack = demo();
    let ask = |client: &str, user: &str, password: &str| {
        let form = [
            ("grant_type", "password"),
            ("username", user),
            ("password", password),
            ("scope", "api:read"),
        ];
        token(&stack, client, &form)
    };
    let answer = ask("legacy", "alice", "wonderland");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(
        claims(text(&answer, "access_token"))["sub"],
        "user-4cmzq8xg2v"
    );
    assert_eq!(
        refresh(&stack, "legacy", text(&answer, "refresh_token")).status,
        200
    );
    for user in ["alice", "nobody"] {
        let refused = ask("legacy", user, "wrong");
        assert_eq!(
            (refused.status, &refused.json()["error"]),
            (400, &json!("invalid_grant")),
            "{user}"
        );
    }
    assert_eq!(
        ask("web", "alice", "wonderland").json()["error"],
        "unauthorized_client"
    );
    let form = [
        ("grant_type", "password"),
        ("username", "bob"),
        ("password", "builder"),
        ("scope", "api:write"),
    ];
    assert_eq!(
        token(&stack, "legacy", &form).json()["error"],
        "invalid_scope"
    );
}

#[test]
fn the_implicit_grant_puts_a_token_into_the_fragment_for_the_client_that_has_it() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let request = [
        ("response_type", "token"),
        ("client_id", "legacy-spa"),
        ("redirect_uri", "http://127.0.0.1:5000/callback"),
        ("scope", "api:read"),
        ("state", "s"),
    ];
    let page = authorize(&mut browser, &request, ALICE);
    let answer = page.fragment();
    assert_eq!(answer["state"], "s");
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["iss"], stack.base_url());
    assert_eq!(answer.get("refresh_token"), None);
    let api = get("/api/protected/data")
        .bearer(&answer["access_token"])
        .send(stack.ports().http);
    assert_eq!(api.status, 200);
    assert_eq!(introspect(&stack, &answer["access_token"])["active"], true);
}

#[test]
fn a_pushed_request_is_used_once_and_by_its_client() {
    let stack = demo();
    let pushed = client_post(&stack, "/par", "web", &code_request("web", "api:read"));
    assert_eq!(pushed.status, 201, "{}", pushed.text());
    let request_uri = text(&pushed.json(), "request_uri").to_owned();
    assert!(request_uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    let reference = |client: &'static str| {
        [("client_id", client), ("request_uri", request_uri.as_str())].to_vec()
    };
    let foreign = get(authorize_path(&reference("spa"))).send(stack.ports().http);
    assert_eq!((foreign.status, foreign.header("location")), (400, None));
    let mut browser = Browser::new(stack.ports().http);
    // Looking at it uses nothing up.
    browser.open(&authorize_path(&reference("web")));
    let page = authorize(&mut browser, &reference("web"), ALICE);
    assert_eq!(redeem(&stack, "web", &code(&page)).status, 200);
    let again = browser.open(&authorize_path(&reference("web")));
    assert!(!again.url.contains("code="), "{}", again.url);
    let bad = client_post(
        &stack,
        "/par",
        "web",
        &[
            ("response_type", "code"),
            ("redirect_uri", "https://evil.example/"),
        ],
    );
    assert_eq!(
        (bad.status, &bad.json()["error"]),
        (400, &json!("invalid_request"))
    );
}
