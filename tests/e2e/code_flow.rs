//! Authorization code with PKCE, from the login page to the API, as a browser and a client do it.

use dockgate_tests::authorization_server::claims;
use dockgate_tests::browser::Browser;
use dockgate_tests::demo;
use dockgate_tests::http::{get, post};
use dockgate_tests::sign_in::*;
use serde_json::json;

const ALICE: (&str, &str) = ("alice", "wonderland");
const BOB: (&str, &str) = ("bob", "builder");

#[test]
fn a_code_becomes_tokens_that_open_the_api() {
    let stack = demo();
    for client in ["web", "spa"] {
        let mut browser = Browser::new(stack.ports().http);
        let request = code_request(client, "openid api:read");
        let page = authorize(&mut browser, &request, ALICE);
        let query = page.query();
        assert_eq!(query["state"], "some state");
        assert_eq!(query["iss"], stack.base_url(), "RFC 9207");
        assert!(
            page.redirects.iter().all(|status| *status == 303),
            "{:?}",
            page.redirects
        );

        let response = redeem(&stack, client, &query["code"]);
        assert_eq!(response.status, 200, "{}", response.text());
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let tokens = response.json();
        assert_eq!(tokens["scope"], "openid api:read");
        let access_token = text(&tokens, "access_token");
        let api = get("/api/protected/data")
            .bearer(access_token)
            .send(stack.ports().http);
        assert_eq!(api.status, 200, "{}", api.text());
        assert_eq!(api.json()["user"], "user-4cmzq8xg2v");
        let id_token = claims(text(&tokens, "id_token"));
        assert_eq!(
            (&id_token["aud"], &id_token["sub"]),
            (&json!(client), &json!("user-4cmzq8xg2v"))
        );
        assert!(tokens["refresh_token"].is_string());
        // An ID token is no access token (RFC 8725 §3.11).
        let api = get("/api/protected/data")
            .bearer(text(&tokens, "id_token"))
            .send(stack.ports().http);
        assert_eq!(api.status, 401);
    }
}

#[test]
fn a_second_use_of_a_code_revokes_what_came_of_it() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let page = authorize(&mut browser, &code_request("web", "api:read"), ALICE);
    let first = redeem(&stack, "web", &code(&page)).json();
    // Another client's attempt is refused and hurts nobody.
    let foreign = redeem(&stack, "spa", &code(&page));
    assert_eq!(foreign.json()["error"], "invalid_grant");
    assert_eq!(
        introspect(&stack, text(&first, "access_token"))["active"],
        true
    );
    let second = redeem(&stack, "web", &code(&page));
    assert_eq!(
        (second.status, &second.json()["error"]),
        (400, &json!("invalid_grant"))
    );
    assert_eq!(
        introspect(&stack, text(&first, "access_token")),
        json!({ "active": false })
    );
    assert_eq!(
        refresh(&stack, "web", text(&first, "refresh_token")).status,
        400
    );
}

#[test]
fn a_code_is_bound_to_redirect_uri_and_verifier() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let page = authorize(&mut browser, &code_request("spa", "api:read"), ALICE);
    let code = code(&page);
    let attempt = |redirect_uri: &str, verifier: Option<&str>| {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
        ];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        token(&stack, "spa", &form)
    };
    let other = "x".repeat(43);
    for (uri, verifier, error) in [
        (
            "http://127.0.0.1:43211/callback",
            Some(VERIFIER),
            "invalid_grant",
        ),
        (SPA_CALLBACK, None, "invalid_grant"),
        (SPA_CALLBACK, Some(other.as_str()), "invalid_grant"),
    ] {
        let refused = attempt(uri, verifier);
        assert_eq!(
            (refused.status, &refused.json()["error"]),
            (400, &json!(error)),
            "{uri} {verifier:?}"
        );
    }
    assert_eq!(
        attempt(SPA_CALLBACK, Some(VERIFIER)).status,
        200,
        "failed attempts use nothing up"
    );
}

#[test]
fn requests_that_cannot_be_trusted_get_a_page_and_no_redirect() {
    let stack = demo();
    for (name, value) in [
        ("client_id", "nobody"),
        ("client_id", ""),
        ("redirect_uri", "http://localhost:3000/callback/"),
        ("redirect_uri", "http://localhost:3001/callback"),
        ("redirect_uri", "http://127.0.0.1:3000/callback"),
        ("redirect_uri", "http://localhost:3000/CALLBACK"),
        ("redirect_uri", "http://localhost:3000/callback?x=1"),
        ("redirect_uri", "http://localhost:3000/callback#x"),
        ("redirect_uri", "http://localhost:3000/x/../callback"),
        (
            "redirect_uri",
            "http://localhost:3000@evil.example/callback",
        ),
        ("redirect_uri", "https://evil.example/callback"),
        ("redirect_uri", "//evil.example/callback"),
        ("redirect_uri", "javascript:alert(1)"),
    ] {
        let mut request = code_request("web", "api:read");
        request.retain(|(own, _)| *own != name);
        request.push((name, value));
        let response = get(authorize_path(&request)).send(stack.ports().http);
        assert_eq!(response.status, 400, "{name}={value}");
        assert_eq!(response.header("location"), None, "{name}={value}");
        let html = response.text();
        assert!(
            !html.contains("http-equiv") && !html.contains("evil.example"),
            "{name}={value}: {html}"
        );
    }
}

#[test]
fn other_mistakes_are_told_to_the_client_with_state_and_issuer() {
    let stack = demo();
    let change = |changes: &[(&'static str, &'static str)], client: &'static str| {
        let mut request = code_request(client, "api:read");
        for (name, value) in changes {
            request.retain(|(own, _)| own != name);
            request.push((name, value));
        }
        request
    };
    for (client, changes, error) in [
        ("web", &[("response_type", "")][..], "invalid_request"),
        (
            "web",
            &[("response_type", "magic")],
            "unsupported_response_type",
        ),
        ("web", &[("response_type", "token")], "unauthorized_client"),
        ("web", &[("scope", "api:unknown")], "invalid_scope"),
        ("web", &[("scope", "\"")], "invalid_scope"),
        (
            "web",
            &[("resource", "https://elsewhere.example")],
            "invalid_target",
        ),
        (
            "web",
            &[("code_challenge_method", "plain")],
            "invalid_request",
        ),
        (
            "web",
            &[("code_challenge_method", "S512")],
            "invalid_request",
        ),
        ("web", &[("code_challenge_method", "")], "invalid_request"),
        ("web", &[("code_challenge", "short")], "invalid_request"),
        (
            "spa",
            &[("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
        ),
        ("web", &[("request", "e30.e30.")], "request_not_supported"),
        ("web", &[("prompt", "none")], "login_required"),
        ("web", &[("prompt", "none login")], "invalid_request"),
        ("web", &[("max_age", "soon")], "invalid_request"),
        (
            "web",
            &[("response_mode", "web_message")],
            "invalid_request",
        ),
    ] {
        let response = get(authorize_path(&change(changes, client))).send(stack.ports().http);
        assert_eq!(response.status, 303, "{changes:?}");
        let location = response.header("location").unwrap();
        let (_, query) = location.split_once(['?', '#']).unwrap();
        let query = dockgate_tests::browser::parameters(query);
        assert_eq!(query["error"], error, "{changes:?}");
        assert_eq!(query["state"], "some state", "{changes:?}");
        assert_eq!(query["iss"], stack.base_url(), "{changes:?}");
        assert_eq!(query.get("code"), None);
    }
}

#[test]
fn consent_is_asked_remembered_and_can_be_narrowed_or_denied() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let request = code_request("web", "api:read api:write");
    let login = browser.open(&authorize_path(&request));
    let consent = browser.submit(
        &login,
        &[("username", "alice"), ("password", "wonderland")],
        None,
    );
    let offered: Vec<_> = consent
        .form()
        .fields
        .into_iter()
        .filter(|(name, _)| name == "scope")
        .collect();
    if !offered.is_empty() {
        // Untick one.
        let form = consent.form();
        let mut fields = form.fields.clone();
        fields.retain(|(_, value)| value != "api:write");
        fields.push(form.buttons[0].clone());
        assert_eq!(form.buttons[0].1, "allow", "the first button agrees");
        let page = browser.send_form(&consent, &form.action, &fields);
        let tokens = redeem(&stack, "web", &code(&page)).json();
        assert_eq!(tokens["scope"], "api:read");
    }
    // What was agreed to is not asked for again, what was not is.
    let again = browser.open(&authorize_path(&code_request("web", "api:read")));
    assert!(again.url.starts_with(WEB_CALLBACK), "{}", again.url);
    let more = browser.open(&authorize_path(&code_request("web", "api:read api:admin")));
    let denied = browser.submit(&more, &[], Some("deny"));
    assert_eq!(denied.query()["error"], "access_denied");
    assert_eq!(denied.query()["state"], "some state");
}

#[test]
fn a_user_is_offered_no_scope_that_the_user_may_not_grant() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let request = code_request("web", "api:read api:write");
    let page = authorize(&mut browser, &request, BOB);
    let tokens = redeem(&stack, "web", &code(&page)).json();
    assert_eq!(tokens["scope"], "api:read");
    let only_more = authorize(&mut browser, &code_request("web", "api:admin"), BOB);
    assert_eq!(only_more.query()["error"], "access_denied");
}

#[test]
fn a_wrong_password_gives_nothing_away_and_no_session() {
    let stack = demo();
    let attempt = |user: &str, password: &str| {
        let mut browser = Browser::new(stack.ports().http);
        let page = browser.open(&authorize_path(&code_request("web", "api:read")));
        let page = browser.submit(&page, &[("username", user), ("password", password)], None);
        let html = page.response.text();
        (
            page.response.status,
            html.contains("name=\"password\""),
            browser,
        )
    };
    for (user, password) in [("alice", "wrong"), ("nobody", "wonderland"), ("alice", "")] {
        let (status, login_again, mut browser) = attempt(user, password);
        assert!(login_again && status < 500, "{user}: {status}");
        let mut silent = code_request("web", "api:read");
        silent.push(("prompt", "none"));
        let page = browser.open(&authorize_path(&silent));
        assert_eq!(page.query()["error"], "login_required", "{user}");
    }
}

#[test]
fn a_flow_belongs_to_the_browser_that_began_it() {
    let stack = demo();
    let mut attacker = Browser::new(stack.ports().http);
    let page = attacker.open(&authorize_path(&code_request("web", "api:read")));
    let mut victim = Browser::new(stack.ports().http);
    let opened = victim.open(&page.url);
    assert!(
        !opened.response.text().contains("name=\"password\"") || {
            let filled = [("username", "alice"), ("password", "wonderland")];
            let after = victim.submit(&opened, &filled, None);
            !after.query().contains_key("code") && after.response.status >= 400
        },
        "{}",
        opened.response.text()
    );
}

#[test]
fn a_form_without_its_secret_or_from_elsewhere_is_refused() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let page = browser.open(&authorize_path(&code_request("web", "api:read")));
    let form = page.form();
    let mut fields = form.fields.clone();
    fields.retain(|(name, _)| name == "flow");
    fields.push(("username".into(), "alice".into()));
    fields.push(("password".into(), "wonderland".into()));
    let refused = browser.send_form(&page, &form.action, &fields);
    assert_eq!(refused.response.status, 403);
}

#[test]
fn fragments_and_form_posts_carry_the_answer_too() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let mut request = code_request("web", "api:read");
    request.push(("response_mode", "fragment"));
    let page = authorize(&mut browser, &request, ALICE);
    assert!(page.fragment().contains_key("code"), "{}", page.url);
    request.pop();
    request.push(("response_mode", "form_post"));
    let page = authorize(&mut browser, &request, ALICE);
    let form = page.form();
    assert_eq!(form.action, WEB_CALLBACK);
    let field = |name: &str| form.fields.iter().find(|(own, _)| own == name).cloned();
    let code = field("code").expect("a code").1;
    assert_eq!(field("iss").unwrap().1, stack.base_url());
    assert_eq!(redeem(&stack, "web", &code).status, 200);
}

#[test]
fn a_posted_authorization_request_is_answered_like_a_got_one() {
    let stack = demo();
    let response = post("/authorize")
        .form(&code_request("web", "api:read"))
        .send(stack.ports().http);
    assert_eq!(response.status, 303, "{}", response.text());
}

#[test]
fn cookies_are_bound_and_pages_are_locked_down() {
    let stack = demo();
    let response = get(authorize_path(&code_request("web", "api:read"))).send(stack.ports().http);
    let cookies: Vec<_> = response
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .collect();
    assert!(!cookies.is_empty());
    for (_, cookie) in cookies {
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        assert!(
            !cookie.contains("Secure") && !cookie.contains("Domain"),
            "{cookie}"
        );
    }
    let mut browser = Browser::new(stack.ports().http);
    let page = browser.open(&authorize_path(&code_request("web", "api:read")));
    let header = |name: &str| page.response.header(name).unwrap_or_default().to_owned();
    assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
    assert!(header("content-security-policy").contains("default-src 'none'"));
    assert_eq!(header("x-frame-options"), "DENY");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "no-store");
    assert!(!header("referrer-policy").is_empty());
    assert_eq!(page.response.header("access-control-allow-origin"), None);
}
