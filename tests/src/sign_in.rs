//! Getting tokens of a user, as applications do it.

use dockgate_stack::Stack;
use serde_json::Value;

use crate::authorization_server::basic;
use crate::browser::{Browser, Page};
use crate::http::{Response, percent_encode, post};

/// The verifier of RFC 7636 Appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Its S256 challenge.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Where `web` is sent back to.
pub const WEB_CALLBACK: &str = "http://localhost:3000/callback";
/// Where `spa` is sent back to, on a port that is nowhere registered.
pub const SPA_CALLBACK: &str = "http://127.0.0.1:43210/callback";

/// The path of an authorization request.
pub fn authorize_path(parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", percent_encode(value)))
        .collect();
    format!("/authorize?{}", pairs.join("&"))
}

/// The parameters of a code request of `web` or `spa`, with PKCE.
pub fn code_request<'a>(client: &'a str, scope: &'a str) -> Vec<(&'a str, &'a str)> {
    let callback = match client {
        "web" => WEB_CALLBACK,
        _ => SPA_CALLBACK,
    };
    vec![
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", callback),
        ("scope", scope),
        ("state", "some state"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// Logs in and agrees to everything; gives the redirect to the client.
///
/// # Panics
/// When it does not come to one.
#[track_caller]
pub fn authorize(browser: &mut Browser, parameters: &[(&str, &str)], user: (&str, &str)) -> Page {
    visit(browser, &authorize_path(parameters), user)
}

/// Opens a URL of the issuer, logs in if that is asked for, and agrees to everything; gives where that
/// ends.
///
/// # Panics
/// When it does not end.
#[track_caller]
pub fn visit(browser: &mut Browser, url: &str, user: (&str, &str)) -> Page {
    let mut page = browser.open(url);
    // At most: the code that came in the address, the password, the consent.
    for _ in 0..3 {
        let text = page.response.text();
        page = if text.contains("name=\"password\"") {
            browser.submit(&page, &[("username", user.0), ("password", user.1)], None)
        } else if text.contains("value=\"allow\"") {
            browser.submit(&page, &[], Some("allow"))
        } else if text.contains("id=\"user_code\"") {
            browser.submit(&page, &[], None)
        } else {
            break;
        };
    }
    page
}

/// The code in a redirect.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn code(page: &Page) -> String {
    let query = page.query();
    let code = query.get("code");
    code.unwrap_or_else(|| panic!("no code in {} {}", page.url, page.response.text()))
        .clone()
}

/// A token request of one of the demo's clients, through Envoy.
pub fn token(stack: &Stack, client: &str, form: &[(&str, &str)]) -> Response {
    client_post(stack, "/token", client, form)
}

/// The same, through the Envoy at `port`.
pub fn token_at(port: u16, client: &str, form: &[(&str, &str)]) -> Response {
    client_post_at(port, "/token", client, form)
}

/// A request of one of the demo's clients with its credentials: by HTTP Basic if it has a secret,
/// else by its id.
pub fn client_post(stack: &Stack, path: &str, client: &str, form: &[(&str, &str)]) -> Response {
    client_post_at(stack.ports().http, path, client, form)
}

/// The same, through the Envoy at `port`.
pub fn client_post_at(port: u16, path: &str, client: &str, form: &[(&str, &str)]) -> Response {
    let secret = format!("{client}-secret");
    let mut form = form.to_vec();
    let request = match client {
        "spa" | "tv" | "legacy-spa" => {
            form.push(("client_id", client));
            post(path)
        }
        _ => post(path).header("authorization", basic(client, &secret)),
    };
    request.form(&form).send(port)
}

/// Redeems a code of [`code_request`].
pub fn redeem(stack: &Stack, client: &str, code: &str) -> Response {
    redeem_at(stack.ports().http, client, code)
}

/// The same, through the Envoy at `port`.
pub fn redeem_at(port: u16, client: &str, code: &str) -> Response {
    let callback = match client {
        "web" => WEB_CALLBACK,
        _ => SPA_CALLBACK,
    };
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", callback),
        ("code_verifier", VERIFIER),
    ];
    token_at(port, client, &form)
}

/// Uses a refresh token.
pub fn refresh(stack: &Stack, client: &str, refresh_token: &str) -> Response {
    refresh_at(stack.ports().http, client, refresh_token)
}

/// The same, through the Envoy at `port`.
pub fn refresh_at(port: u16, client: &str, refresh_token: &str) -> Response {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    token_at(port, client, &form)
}

/// Tokens of `alice` for `web` or `spa`, by the whole flow in a new browser.
///
/// # Panics
/// When there are none.
#[track_caller]
pub fn tokens(stack: &Stack, client: &str, scope: &str) -> Value {
    let mut browser = Browser::new(stack.ports().http);
    let page = authorize(
        &mut browser,
        &code_request(client, scope),
        ("alice", "wonderland"),
    );
    let response = redeem(stack, client, &code(&page));
    assert_eq!(response.status, 200, "{}", response.text());
    response.json()
}

/// A member of a token response, as text.
///
/// # Panics
/// When it is not there.
#[track_caller]
pub fn text<'a>(response: &'a Value, member: &str) -> &'a str {
    response[member]
        .as_str()
        .unwrap_or_else(|| panic!("no {member} in {response}"))
}

/// What introspection says of a token to the client `gateway`.
pub fn introspect(stack: &Stack, token: &str) -> Value {
    client_post(stack, "/introspect", "gateway", &[("token", token)]).json()
}
