//! OpenID Connect: user information, introspection, revocation, logout.

use dockgate_tests::authorization_server::{claims, service_token};
use dockgate_tests::browser::Browser;
use dockgate_tests::demo;
use dockgate_tests::http::{get, post};
use dockgate_tests::sign_in::*;
use serde_json::json;

const ALICE: (&str, &str) = ("alice", "wonderland");

#[test]
fn user_information_follows_the_scope() {
    let stack = demo();
    let port = stack.ports().http;
    let all = tokens(&stack, "web", "openid profile email phone address");
    let access = text(&all, "access_token");
    let info = get("/userinfo").bearer(access).send(port);
    assert_eq!(info.status, 200, "{}", info.text());
    let info = info.json();
    assert_eq!(info["sub"], "user-4cmzq8xg2v");
    assert_eq!(info["name"], "Alice Liddell");
    assert_eq!(
        (&info["email"], &info["email_verified"]),
        (&json!("alice@example.com"), &json!(true))
    );
    assert_eq!(info["phone_number"], "+441865000000");
    assert!(info["address"]["formatted"].is_string());
    assert_eq!(post("/userinfo").bearer(access).send(port).json(), info);
    assert_eq!(
        post("/userinfo")
            .form(&[("access_token", access)])
            .send(port)
            .json(),
        info
    );
    let little = tokens(&stack, "web", "openid");
    let info = get("/userinfo")
        .bearer(text(&little, "access_token"))
        .send(port)
        .json();
    assert_eq!(info, json!({ "sub": "user-4cmzq8xg2v" }));

    let none = get("/userinfo").send(port);
    assert_eq!(none.status, 401);
    assert!(!none.header("www-authenticate").unwrap().contains("error"));
    for bad in [
        "x",
        text(&little, "id_token"),
        text(&little, "refresh_token"),
    ] {
        let refused = get("/userinfo").bearer(bad).send(port);
        assert_eq!(refused.status, 401);
        assert!(
            refused
                .header("www-authenticate")
                .unwrap()
                .contains("invalid_token")
        );
    }
    let without = service_token(&stack, "api:read");
    assert_eq!(get("/userinfo").bearer(&without).send(port).status, 403);
}

#[test]
fn an_id_token_says_who_when_and_for_which_request() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let mut request = code_request("web", "openid api:read");
    request.push(("nonce", "n-0S6_WzA2Mj é"));
    let page = authorize(&mut browser, &request, ALICE);
    let first = redeem(&stack, "web", &code(&page)).json();
    let id = claims(text(&first, "id_token"));
    assert_eq!(id["nonce"], "n-0S6_WzA2Mj é");
    assert_eq!(id["amr"], json!(["pwd"]));
    assert_eq!(id["iss"], stack.base_url());
    assert!(id["at_hash"].is_string() && id["auth_time"].is_u64());
    let again = refresh(&stack, "web", text(&first, "refresh_token")).json();
    let later = claims(text(&again, "id_token"));
    for same in ["iss", "sub", "aud", "auth_time", "amr"] {
        assert_eq!(id[same], later[same], "{same} (OIDC Core §12.2)");
    }
    // A session can be used without asking, and its user named.
    let mut silent = code_request("web", "openid api:read");
    silent.extend([
        ("prompt", "none"),
        ("id_token_hint", text(&first, "id_token")),
    ]);
    let page = browser.open(&authorize_path(&silent));
    assert!(page.query().contains_key("code"), "{}", page.url);
    // And a fresh login demanded.
    let mut login = code_request("web", "openid api:read");
    login.push(("prompt", "login"));
    let page = browser.open(&authorize_path(&login));
    assert!(page.response.text().contains("name=\"password\""));
}

#[test]
fn introspection_tells_those_who_may_ask_and_nothing_of_what_is_foreign() {
    let stack = demo();
    let token = service_token(&stack, "api:read");
    let said = introspect(&stack, &token);
    assert_eq!(said["active"], true);
    assert_eq!(
        (&said["client_id"], &said["scope"]),
        (&json!("service"), &json!("api:read"))
    );
    for nothing in ["x", "a.b.c", &token[1..]] {
        assert_eq!(introspect(&stack, nothing), json!({ "active": false }));
    }
    let other = client_post(&stack, "/introspect", "web", &[("token", &token)]);
    assert_eq!(
        other.json(),
        json!({ "active": false }),
        "web may not introspect this audience"
    );
    let nobody = post("/introspect")
        .form(&[("token", &token)])
        .send(stack.ports().http);
    assert_eq!(nobody.status, 401);
    let public = client_post(&stack, "/introspect", "spa", &[("token", &token)]);
    assert!(
        matches!(public.status, 400 | 401 | 403),
        "{}",
        public.status
    );
}

#[test]
fn revocation_is_of_ones_own_and_takes_the_family() {
    let stack = demo();
    let user = tokens(&stack, "web", "api:read");
    let (access, refresh_token) = (text(&user, "access_token"), text(&user, "refresh_token"));
    let revoke = |client: &str, token: &str| {
        client_post(&stack, "/revoke", client, &[("token", token)]).status
    };
    assert_eq!(revoke("web", "unknown"), 200);
    revoke("spa", refresh_token);
    assert_eq!(
        introspect(&stack, access)["active"],
        true,
        "another client's"
    );
    assert_eq!(revoke("web", access), 200);
    assert_eq!(introspect(&stack, access), json!({ "active": false }));
    let next = refresh(&stack, "web", refresh_token).json();
    assert_eq!(
        introspect(&stack, text(&next, "access_token"))["active"],
        true
    );
    assert_eq!(revoke("web", text(&next, "refresh_token")), 200);
    assert_eq!(
        introspect(&stack, text(&next, "access_token")),
        json!({ "active": false })
    );
    let own = service_token(&stack, "api:read");
    assert_eq!(revoke("service", &own), 200);
    assert_eq!(introspect(&stack, &own), json!({ "active": false }));
}

#[test]
fn logout_ends_the_session_and_what_was_granted_in_it() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let page = authorize(&mut browser, &code_request("web", "openid api:read"), ALICE);
    let user = redeem(&stack, "web", &code(&page)).json();
    let old = browser.cookies().clone();
    let hint = text(&user, "id_token");
    let mut page = browser.open(&format!("/logout?id_token_hint={hint}"));
    if page.response.text().contains("<form") {
        page = browser.submit(
            &page,
            &[],
            page.form().buttons.first().map(|(_, value)| value.as_str()),
        );
    }
    assert_eq!(page.response.status, 200, "{}", page.response.text());
    let mut thief = Browser::new(stack.ports().http);
    for (name, value) in &old {
        thief.set_cookie(name, value);
    }
    let mut silent = code_request("web", "openid api:read");
    silent.push(("prompt", "none"));
    assert_eq!(
        thief.open(&authorize_path(&silent)).query()["error"],
        "login_required"
    );
    assert_eq!(
        introspect(&stack, text(&user, "access_token")),
        json!({ "active": false })
    );
    // No open redirector.
    let away = browser.open("/logout?post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F");
    assert!(away.url.starts_with(&stack.base_url()), "{}", away.url);
}

#[test]
fn what_a_client_adds_or_reorders_does_no_harm() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let mut first = code_request("web", "phone address email profile openid");
    first.reverse();
    first.extend([
        ("max_age", "15000"),
        ("display", "page"),
        ("extra", "foobar"),
        ("ui_locales", "se"),
        ("claims_locales", "se"),
        ("acr_values", "urn:mace:incommon:iap:silver"),
        ("claims", r#"{"userinfo":{"name":{"essential":true}}}"#),
    ]);
    let page = authorize(&mut browser, &first, ALICE);
    let tokens = redeem(&stack, "web", &code(&page)).json();
    let info = get("/userinfo")
        .bearer(text(&tokens, "access_token"))
        .send(stack.ports().http)
        .json();
    assert_eq!(info["name"], "Alice Liddell");
    let logged_in_at = claims(text(&tokens, "id_token"))["auth_time"].clone();
    // Young enough a login: nobody is asked again, and it is the same one.
    let mut second = code_request("web", "openid");
    second.extend([
        ("max_age", "10000"),
        ("prompt", "none"),
        ("display", "popup"),
    ]);
    let page = browser.open(&authorize_path(&second));
    let tokens = redeem(&stack, "web", &code(&page)).json();
    assert_eq!(claims(text(&tokens, "id_token"))["auth_time"], logged_in_at);
}
