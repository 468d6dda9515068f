//! What a request may say, and what the client is told where it may not.

use super::*;

/// The error code that the client is told, after checking what goes with it.
#[track_caller]
fn told(fixture: &Fixture, query: &str) -> String {
    let error = read_query(fixture, query).unwrap_err();
    let Refused { reason, response } = redirected(error);
    assert_eq!(parameter(&response, "state"), Some("a state"), "{query}");
    assert_eq!(
        parameter(&response, "iss"),
        Some("http://localhost:8080"),
        "{query}"
    );
    let code = parameter(&response, "error").unwrap();
    assert_eq!(code, reason.wire().error);
    for name in ["code", "access_token"] {
        assert_eq!(parameter(&response, name), None);
    }
    code.to_owned()
}

#[test]
fn a_good_request_is_understood() {
    let fixture = fixture();
    let request = read_query(
        &fixture,
        &query(&[
            ("scope", "openid api:read"),
            ("nonce", "n-0S6_WzA2Mj \u{e9}"),
            ("prompt", "login consent"),
            ("max_age", "0"),
            ("login_hint", "<alice>"),
            ("resource", "http://localhost:8080/mcp"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            // Passed over, whatever it says.
            ("foo", "bar"),
            ("acr_values", "x y"),
            ("ui_locales", "??"),
            ("claims_locales", "de"),
            ("display", "hologram"),
            ("claims", "{"),
        ]),
    )
    .unwrap();
    let again = resume(fixture.context(), request.kept()).unwrap();
    for request in [request, again] {
        assert_eq!(request.client_id().as_str(), "web");
        assert_eq!(request.response_type, ResponseType::Code);
        assert_eq!(request.redirect.mode, ResponseMode::Query);
        assert_eq!(request.redirect.state.as_deref(), Some("a state"));
        assert_eq!(request.scope.to_string(), "openid api:read");
        assert_eq!(request.nonce.as_deref(), Some("n-0S6_WzA2Mj \u{e9}"));
        assert!(request.prompt.login && request.prompt.consent && !request.prompt.none);
        assert_eq!(request.max_age, Some(0));
        assert_eq!(request.login_hint.as_deref(), Some("<alice>"));
        assert_eq!(
            request.target.resource_texts(),
            ["http://localhost:8080/mcp"]
        );
        assert_eq!(request.code_challenge.as_deref(), Some(CHALLENGE));
    }
}

#[test]
fn what_a_client_may_not_ask_for_it_is_told() {
    let fixture = fixture();
    for (changes, code) in [
        (&[("response_type", "")][..], "invalid_request"),
        (&[("response_type", "magic")], "unsupported_response_type"),
        (
            &[("response_type", "id_token")],
            "unsupported_response_type",
        ),
        (
            &[("response_type", "code id_token")],
            "unsupported_response_type",
        ),
        (&[("response_type", "none")], "unsupported_response_type"),
        (
            &[("response_type", "code code")],
            "unsupported_response_type",
        ),
        (&[("response_type", "CODE")], "unsupported_response_type"),
        (&[("response_type", " code")], "unsupported_response_type"),
        (&[("response_type", "token")], "unauthorized_client"),
        (&[("response_mode", "web_message")], "invalid_request"),
        (&[("response_mode", "query.jwt")], "invalid_request"),
        (&[("response_mode", "QUERY")], "invalid_request"),
        (&[("scope", "\"")], "invalid_scope"),
        (&[("scope", "api:unknown")], "invalid_scope"),
        (&[("scope", "api:read\tapi:write")], "invalid_scope"),
        (&[("scope", "openid nothing")], "invalid_scope"),
        (
            &[("resource", "https://elsewhere.example")],
            "invalid_target",
        ),
        (
            &[("resource", "http://localhost:8080/#x")],
            "invalid_target",
        ),
        (&[("resource", "mcp")], "invalid_target"),
        (&[("request", "e30.e30.")], "request_not_supported"),
        (
            &[("request_uri", "https://elsewhere.example/r")],
            "request_uri_not_supported",
        ),
        (
            &[("request_uri", "urn:example:x")],
            "request_uri_not_supported",
        ),
        (&[("registration", "{}")], "registration_not_supported"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "consent none")], "invalid_request"),
        (&[("prompt", "create")], "invalid_request"),
        (&[("prompt", "LOGIN")], "invalid_request"),
        (&[("max_age", "soon")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("max_age", "+1")], "invalid_request"),
        (&[("max_age", "1.5")], "invalid_request"),
        (&[("max_age", "99999999999999999999999")], "invalid_request"),
        (&[("id_token_hint", "x")], "invalid_request"),
        (&[("id_token_hint", "e30.e30.e30")], "invalid_request"),
    ] {
        assert_eq!(told(&fixture, &query(changes)), code, "{changes:?}");
    }
    let pushing = query(&[("client_id", "pushing")]);
    assert_eq!(told(&fixture, &pushing), "invalid_request");
}

#[test]
fn a_response_type_that_nobody_may_use_is_unsupported() {
    let mut fixture = fixture();
    fixture
        .server
        .clients
        .remove(&"legacy-spa".parse().unwrap());
    let code = told(&fixture, &query(&[("response_type", "token")]));
    assert_eq!(code, "unsupported_response_type");
}

#[test]
fn more_scope_than_the_client_may_ask_for_is_refused_whole() {
    let mut fixture = fixture();
    let web = fixture.server.clients.get_mut(&"web".parse().unwrap());
    web.unwrap().scope = "openid api:read".parse().unwrap();
    let code = told(&fixture, &query(&[("scope", "api:read api:write")]));
    assert_eq!(code, "invalid_scope");
    assert!(read_query(&fixture, &query(&[("scope", "openid")])).is_ok());
    let default = read_query(&fixture, &query(&[("scope", "")])).unwrap();
    assert_eq!(default.scope.to_string(), "api:read");
}

#[test]
fn pkce_is_by_s256_and_public_clients_cannot_do_without() {
    let fixture = fixture();
    let other_length = "x".repeat(44);
    for (client, challenge, method) in [
        ("spa", "", ""),
        ("spa", "", "S256"),
        ("spa", CHALLENGE, ""),
        ("spa", CHALLENGE, "plain"),
        ("spa", CHALLENGE, "s256"),
        ("web", CHALLENGE, "plain"),
        ("web", CHALLENGE, ""),
        ("web", CHALLENGE, "S512"),
        ("web", "", "S256"),
        ("web", "short", "S256"),
        ("web", &other_length, "S256"),
        ("web", &CHALLENGE.replace('-', "+"), "S256"),
        ("web", &CHALLENGE.replace('-', "="), "S256"),
    ] {
        let uri = match client {
            "web" => WEB_CALLBACK,
            _ => "http://127.0.0.1:1/callback",
        };
        let query = query(&[
            ("client_id", client),
            ("redirect_uri", uri),
            ("code_challenge", challenge),
            ("code_challenge_method", method),
        ]);
        let told = told(&fixture, &query);
        assert_eq!(told, "invalid_request", "{client} {challenge} {method}");
    }
    // A confidential client may leave it out, with a nonce or without.
    assert_eq!(
        read_query(&fixture, &query(&[])).unwrap().code_challenge,
        None
    );
}

#[test]
fn an_error_gets_to_the_client_the_way_that_an_answer_would() {
    let fixture = fixture();
    for (changes, mode) in [
        (&[][..], ResponseMode::Query),
        (&[("response_type", "")], ResponseMode::Query),
        (&[("response_type", "magic")], ResponseMode::Query),
        (&[("response_type", "token")], ResponseMode::Fragment),
        (
            &[("response_type", "code id_token")],
            ResponseMode::Fragment,
        ),
        (
            &[("response_type", "token"), ("response_mode", "query")],
            ResponseMode::Fragment,
        ),
        (&[("response_mode", "fragment")], ResponseMode::Fragment),
        (&[("response_mode", "form_post")], ResponseMode::FormPost),
        (&[("response_mode", "nonsense")], ResponseMode::Query),
    ] {
        let mut changes = changes.to_vec();
        changes.push(("max_age", "soon"));
        let refused = redirected(read_query(&fixture, &query(&changes)).unwrap_err());
        assert_eq!(refused.response.mode, mode, "{changes:?}");
    }
}

#[test]
fn an_empty_parameter_is_one_that_was_left_out_and_a_repeated_one_is_refused() {
    let fixture = fixture();
    let empty = "&nonce=&prompt=&max_age=&resource=&request=&request_uri=&response_mode=";
    let request = read_query(&fixture, &format!("{}{empty}", query(&[]))).unwrap();
    assert_eq!((request.nonce, request.max_age), (None, None));
    for repeated in ["state=x", "state=", "client_id=web"] {
        let query = format!("{}&{repeated}", query(&[]));
        let error = Form::parse_authorization(query.as_bytes()).map_err(PageError::from);
        assert_eq!(error.unwrap_err().wire().error, "invalid_request");
    }
    for repeated in ["scope=openid", "scope=", "nonce=a&nonce=a", "foo=1&foo=1"] {
        let query = format!("{}&{repeated}", query(&[]));
        let refused = redirected(read_query(&fixture, &query).unwrap_err());
        assert_eq!(
            refused.reason,
            AuthorizationError::Repeated.into(),
            "{repeated}"
        );
    }
}

#[test]
fn what_is_too_long_to_come_back_is_refused() {
    let fixture = fixture();
    let long = "x".repeat(checks::MAX_ECHOED_BYTES);
    for name in ["state", "nonce"] {
        assert!(read_query(&fixture, &query(&[(name, &long)])).is_ok());
    }
    let both = query(&[
        ("state", "a state"),
        ("nonce", &long),
        ("login_hint", &long),
    ]);
    assert_eq!(told(&fixture, &both), "invalid_request");
    let mcp = "&resource=http://localhost:8080/mcp";
    let many = |number| format!("{}{}", query(&[]), mcp.repeat(number));
    assert!(read_query(&fixture, &many(40)).is_ok());
    assert_eq!(told(&fixture, &many(50)), "invalid_request");
    let longer = format!("{long}x");
    let nonce = query(&[("nonce", &longer)]);
    assert_eq!(told(&fixture, &nonce), "invalid_request");
    let error = read_query(&fixture, &query(&[("state", &longer)])).unwrap_err();
    let refused = redirected(error);
    assert_eq!(parameter(&refused.response, "state"), None);
}

#[test]
fn a_hint_is_an_id_token_of_ours_for_this_client_of_any_age() {
    let fixture = fixture();
    let token = |client: &str, issuer: &str, kind| {
        let context = fixture.context();
        let client = fixture.server.client(client).unwrap();
        let login = session(ALICE, 1, 1).login;
        let mut claims = id_token::id_token_claims(context, client, ALICE, &login, None);
        claims.exp = 2;
        claims.iss = issuer.parse().unwrap();
        let algorithm = dockgate_token::Algorithm::RS256;
        context.keys.sign(kind, algorithm, &claims).unwrap()
    };
    use crate::keys::TokenKind::{AccessToken, IdToken};
    let issuer = "http://localhost:8080";
    let ask = |hint: &str| read_query(&fixture, &query(&[("id_token_hint", hint)]));
    let good = ask(&token("web", issuer, IdToken)).unwrap();
    assert_eq!(good.hinted_subject.as_deref(), Some(ALICE));
    for bad in [
        token("spa", issuer, IdToken),
        token("web", "https://elsewhere.example", IdToken),
        token("web", issuer, AccessToken),
    ] {
        let refused = redirected(ask(&bad).unwrap_err());
        assert_eq!(
            refused.reason,
            RequestError::Malformed("id_token_hint").into()
        );
    }
}
