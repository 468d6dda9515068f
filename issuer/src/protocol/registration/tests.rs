//! The rules for metadata: a client that is good, one change, the reason expected.

mod advertised;
mod documents;

use serde_json::{Value, json};

use super::metadata::Claimed;
use super::*;
use crate::keys::KeySetError;
use crate::protocol::{BearerError, RedirectUriError, RequestError};

const JSON: Option<&[u8]> = Some(b"application/json; charset=utf-8");

fn policy(toml: &str) -> RegistrationPolicy {
    let demo = include_str!("../../../../envoy/issuer.toml");
    let text = format!("{demo}\n[registration]\nenabled = true\n{toml}\n");
    let config = crate::config::parse(std::path::Path::new("issuer.toml"), &text, []).unwrap();
    config.server.registration.unwrap().as_ref().clone()
}

fn offer() -> Offer {
    policy("open = true").offer
}

fn read(value: &Value) -> Result<ClientMetadata, RegistrationError> {
    ClientMetadata::read(JSON, value.to_string().as_bytes(), &offer())
}

fn good() -> Value {
    json!({ "redirect_uris": ["https://app.example/cb"], "client_name": "App" })
}

/// The good one with some members replaced; `null` takes one away.
fn with(changes: &Value) -> Value {
    let mut client = good();
    let members = client.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        members.insert(name.clone(), value.clone());
    }
    client
}

fn refused(changes: Value, expected: RegistrationError, code: &str) {
    let error = read(&with(&changes)).unwrap_err();
    assert_eq!(error, expected, "{changes}");
    assert_eq!(error.codes().0, code, "{changes}");
}

fn jwks() -> Value {
    json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] })
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_standard() {
    let client = serde_json::to_value(read(&good()).unwrap()).unwrap();
    assert_eq!(
        client,
        json!({
            "redirect_uris": ["https://app.example/cb"],
            "client_name": "App",
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "application_type": "web",
            "scope": "openid profile email offline_access api:read",
            "id_token_signed_response_alg": "RS256",
            "subject_type": "public",
        })
    );
}

#[test]
fn all_that_is_known_comes_back_and_what_is_unknown_does_not() {
    let sent = json!({
        "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb"],
        "post_logout_redirect_uris": ["https://app.example/bye"],
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "native",
        "scope": "api:read openid profile email offline_access",
        "client_name": "App", "client_name#de": "Anwendung", "client_name#ja-Jpan-JP": "\u{5ba2}",
        "contacts": ["ops@app.example"],
        "client_uri": "https://app.example", "logo_uri": "https://app.example/l.png",
        "tos_uri": "https://app.example/tos", "policy_uri": "https://app.example/p",
        "jwks": jwks(),
        "software_id": "4NRB1", "software_version": "2.1",
        "id_token_signed_response_alg": "ES256",
        "subject_type": "public",
        "require_pushed_authorization_requests": true,
    });
    let mut more = sent.clone();
    for (name, value) in [
        (
            "example_extension_parameter",
            json!({ "a": [1, 2.5, true] }),
        ),
        ("client_name#", json!("no tag")),
        ("client_name#a b", json!("no tag")),
        ("software_statement", Value::Null),
        ("default_max_age", json!(5)),
    ] {
        more[name] = value;
    }
    let client = read(&more).unwrap();
    assert_eq!(serde_json::to_value(&client).unwrap(), sent);
    let kept = serde_json::to_string(&client).unwrap();
    assert_eq!(
        serde_json::from_str::<ClientMetadata>(&kept).unwrap(),
        client
    );
}

#[test]
fn redirect_uris_are_safe_to_send_a_code_to() {
    use RegistrationError::*;
    for (uris, expected) in [
        (json!(["/cb"]), RedirectUri(RedirectUriError::NotAbsolute)),
        (
            json!(["https://app.example/cb#x"]),
            RedirectUri(RedirectUriError::Fragment),
        ),
        (
            json!(["http://app.example/cb"]),
            RedirectUri(RedirectUriError::InsecureHost),
        ),
        (
            json!(["https://u:p@app.example/cb"]),
            RedirectUri(RedirectUriError::NotPlain),
        ),
        (
            json!(["https://*.app.example/cb"]),
            RedirectUri(RedirectUriError::NotPlain),
        ),
        (json!(["javascript:alert(1)"]), PrivateUseScheme),
        (json!(["data:text/html,x"]), PrivateUseScheme),
        (json!(["com.example.app:/cb"]), PrivateUseScheme),
        (
            json!(["https://a.example/", "https://a.example/"]),
            RepeatedRedirectUri,
        ),
        (json!([]), NoRedirectUri),
        (Value::Null, NoRedirectUri),
    ] {
        refused(
            json!({ "redirect_uris": uris }),
            expected,
            "invalid_redirect_uri",
        );
    }
    let many: Vec<_> = (0..=MAX_REDIRECT_URIS)
        .map(|n| format!("https://a.example/{n}"))
        .collect();
    refused(
        json!({ "redirect_uris": many }),
        TooMany("redirect_uris"),
        "invalid_client_metadata",
    );
    let long = format!("https://a.example/{}", "x".repeat(MAX_URI_BYTES));
    refused(
        json!({ "redirect_uris": [long] }),
        TooLong("redirect_uris"),
        "invalid_client_metadata",
    );
    refused(
        json!({ "post_logout_redirect_uris": ["http://app.example/"] }),
        RedirectUri(RedirectUriError::InsecureHost),
        "invalid_redirect_uri",
    );
}

#[test]
fn a_scheme_of_its_own_is_for_native_clients_where_it_is_switched_on() {
    let offer = policy("open = true\nprivate_use_schemes = true").offer;
    let check = |uri: &str, kind: Option<&str>| {
        let sent = with(&json!({ "redirect_uris": [uri], "application_type": kind }));
        ClientMetadata::read(JSON, sent.to_string().as_bytes(), &offer)
    };
    let native = check("com.example.app:/cb", None).unwrap();
    assert_eq!(native.application_type, WebOrNative::Native);
    let scheme = || Err(RegistrationError::RedirectUri(RedirectUriError::Scheme));
    assert_eq!(check("com.example.app:/cb", Some("web")), scheme());
    assert_eq!(check("javascript:alert(1)", None), scheme());
    assert_eq!(check("myapp:/cb", None), scheme());
}

#[test]
fn who_sends_anything_to_a_loopback_address_is_native_unless_it_says_otherwise() {
    for (uris, said, expected) in [
        (
            json!(["http://127.0.0.1:33418/", "https://vscode.dev/redirect"]),
            None,
            WebOrNative::Native,
        ),
        (
            json!(["http://localhost:3000/cb"]),
            None,
            WebOrNative::Native,
        ),
        (
            json!(["http://localhost:3000/cb"]),
            Some("web"),
            WebOrNative::Web,
        ),
        (json!(["https://app.example/cb"]), None, WebOrNative::Web),
    ] {
        let client = with(&json!({ "redirect_uris": uris, "application_type": said }));
        assert_eq!(read(&client).unwrap().application_type, expected, "{uris}");
    }
    refused(
        json!({ "application_type": "tv" }),
        RegistrationError::ApplicationType,
        "invalid_client_metadata",
    );
}

#[test]
fn metadata_that_makes_no_sense_is_refused_with_its_reason() {
    use RegistrationError::*;
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    for (changes, expected) in [
        (
            json!({ "token_endpoint_auth_method": "client_secret_jwt" }),
            AuthenticationMethod,
        ),
        (
            json!({ "token_endpoint_auth_method": "tls_client_auth" }),
            AuthenticationMethod,
        ),
        (
            json!({ "token_endpoint_auth_method": 5 }),
            WrongType("token_endpoint_auth_method"),
        ),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt" }),
            NoKeys,
        ),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a.example/k" }),
            KeysElsewhere,
        ),
        (
            json!({ "jwks": jwks(), "jwks_uri": "https://a.example/k" }),
            KeysTwice,
        ),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": { "keys": [] } }),
            Keys(crate::keys::KeySetError::Empty),
        ),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": "x" }),
            Keys(crate::keys::KeySetError::Malformed),
        ),
        (json!({ "grant_types": ["implicit"] }), Grant),
        (json!({ "grant_types": ["password"] }), Grant),
        (json!({ "grant_types": [device] }), Grant),
        (json!({ "grant_types": ["client_credentials"] }), Grant),
        (
            json!({ "grant_types": "authorization_code" }),
            WrongType("grant_types"),
        ),
        (json!({ "grant_types": [1] }), WrongType("grant_types")),
        (
            json!({ "grant_types": ["refresh_token"] }),
            RefreshOfNothing,
        ),
        (json!({ "response_types": ["token"] }), ResponseType),
        (json!({ "response_types": ["code id_token"] }), ResponseType),
        (json!({ "response_types": [] }), Inconsistent),
        (json!({ "scope": "nothing:known" }), Scope),
        (json!({ "scope": "api:admin" }), Scope),
        (json!({ "scope": "caf\u{e9}" }), Scope),
        (json!({ "client_name": 5 }), WrongType("client_name")),
        (
            json!({ "client_name": "x".repeat(MAX_NAME_BYTES + 1) }),
            TooLong("client_name"),
        ),
        (
            json!({ "client_name#de": "x".repeat(MAX_NAME_BYTES + 1) }),
            TooLong("client_name"),
        ),
        (
            json!({ "contacts": vec!["a"; MAX_LISTED + 1] }),
            TooMany("contacts"),
        ),
        (
            json!({ "logo_uri": "http://app.example/l.png" }),
            Uri("logo_uri"),
        ),
        (
            json!({ "logo_uri": "javascript:alert(1)" }),
            Uri("logo_uri"),
        ),
        (json!({ "tos_uri#de": "data:text/html,x" }), Uri("tos_uri")),
        (json!({ "policy_uri": "nowhere" }), Uri("policy_uri")),
        (json!({ "client_uri": "https:" }), Uri("client_uri")),
        (json!({ "subject_type": "pairwise" }), SubjectType),
        (json!({ "id_token_signed_response_alg": "none" }), Algorithm),
        (
            json!({ "id_token_signed_response_alg": "HS256" }),
            Algorithm,
        ),
        (
            json!({ "id_token_signed_response_alg": "PS256" }),
            Algorithm,
        ),
        (
            json!({ "dpop_bound_access_tokens": true }),
            Unprotected("dpop_bound_access_tokens"),
        ),
        (
            json!({ "require_signed_request_object": true }),
            Unprotected("require_signed_request_object"),
        ),
        (
            json!({ "dpop_bound_access_tokens": "yes" }),
            WrongType("dpop_bound_access_tokens"),
        ),
    ] {
        refused(changes, expected, "invalid_client_metadata");
    }
    refused(
        json!({ "software_statement": "a.b.c" }),
        UnapprovedStatement,
        "unapproved_software_statement",
    );
    for statement in [json!("a.b"), json!(5), json!({})] {
        refused(
            json!({ "software_statement": statement }),
            MalformedStatement,
            "invalid_software_statement",
        );
    }
}

#[test]
fn a_client_without_redirects_says_so_in_both_lists() {
    let offer = policy(
        "open = true\ngrants = [\"client_credentials\", \"urn:ietf:params:oauth:grant-type:device_code\", \"authorization_code\", \"refresh_token\"]",
    )
    .offer;
    let read = |value: Value| ClientMetadata::read(JSON, value.to_string().as_bytes(), &offer);
    let service = read(json!({ "grant_types": ["client_credentials"] })).unwrap();
    assert_eq!(service.response_types, Vec::<String>::new());
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    let tv = json!({ "grant_types": [device, "refresh_token", device], "token_endpoint_auth_method": "none" });
    assert_eq!(read(tv).unwrap().grant_types, [device, "refresh_token"]);
    let both = json!({ "grant_types": ["client_credentials"], "response_types": ["code"] });
    assert_eq!(read(both), Err(RegistrationError::Inconsistent));
    let public =
        json!({ "grant_types": ["client_credentials"], "token_endpoint_auth_method": "none" });
    assert_eq!(read(public), Err(RegistrationError::GrantOfConfidential));
}

#[test]
fn of_the_scope_what_is_offered_is_registered() {
    // What every client may ask for comes after what it named.
    let client = with(&json!({ "scope": "api:admin api:read unknown openid" }));
    assert_eq!(
        read(&client).unwrap().scope,
        "api:read openid profile email offline_access"
    );
    let offer = policy(
        "open = true\nscopes = [\"api:read\", \"api:write\"]\ndefault_scopes = [\"api:read\"]",
    )
    .offer;
    let scope = |client: Value| {
        let read = ClientMetadata::read(JSON, client.to_string().as_bytes(), &offer);
        read.unwrap().scope
    };
    assert_eq!(scope(good()), "api:read");
    assert_eq!(
        scope(with(&json!({ "scope": "api:write" }))),
        "api:write api:read"
    );
}

#[test]
fn the_body_is_one_json_object_of_bounded_size_and_depth() {
    use RegistrationError::*;
    let deep = |levels: usize| format!("{{\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(MAX_BODY_BYTES));
    let uris = r#""redirect_uris":["https://a.example/"]"#;
    let fits = format!("{{{uris},{}", deep(7).trim_start_matches('{'));
    for (body, expected) in [
        ("", NotJson),
        ("{", NotJson),
        ("[]", NotAnObject),
        ("null", NotAnObject),
        ("{} {}", NotJson),
        (r#"{"scope":"a","scope":"b"}"#, RepeatedMember),
        (r#"{"jwks":{"keys":[],"keys":[]}}"#, RepeatedMember),
        (&deep(8), TooDeep),
        (&deep(5000), TooDeep),
        (&large, RequestError::BodyTooLarge.into()),
    ] {
        let refused = ClientMetadata::read(JSON, body.as_bytes(), &offer());
        assert_eq!(refused, Err(expected), "{:.40}", body);
    }
    assert!(ClientMetadata::read(JSON, fits.as_bytes(), &offer()).is_ok());
    let not_utf8 = ClientMetadata::read(JSON, b"{\"client_name\":\"\xff\"}", &offer());
    assert_eq!(not_utf8, Err(NotJson));
    for kind in [
        None,
        Some(&b"application/x-www-form-urlencoded"[..]),
        Some(b"text/json"),
    ] {
        let refused = ClientMetadata::read(kind, good().to_string().as_bytes(), &offer());
        assert_eq!(refused, Err(ContentType));
    }
}

#[test]
fn an_update_has_the_clients_id_and_nothing_that_the_server_gives() {
    let read = |changes: &Value| {
        ClientMetadata::read_update(JSON, with(changes).to_string().as_bytes(), &offer())
    };
    let (
        _,
        Claimed {
            client_id,
            client_secret,
        },
    ) = read(&json!({ "client_id": "a", "client_secret": "s" })).unwrap();
    assert_eq!(
        (client_id.unwrap(), client_secret.unwrap()),
        ("a".to_owned(), "s".to_owned())
    );
    for name in [
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    ] {
        let refused = read(&json!({ "client_id": "a", name: 5 })).map(drop);
        assert_eq!(refused, Err(RegistrationError::OfServer(name)));
    }
}

#[test]
fn an_initial_access_token_is_one_of_the_list_or_none_where_it_is_open() {
    use access::{Access, initial};
    let tokens = "[[initial_access_tokens]]\nname = \"ci\"\nsecret = \"of-ci\"\n\
                  [[initial_access_tokens]]\nname = \"ops\"\nsecret = \"of-ops\"\n";
    let closed = policy(tokens);
    let both = policy(&format!("open = true\n{tokens}"));
    for (policy, headers, expected) in [
        (&closed, &[][..], Err(BearerError::NoToken)),
        (&both, &[], Ok(Access::Open)),
        (&closed, &[&b"Bearer of-ops"[..]], Ok(Access::Token("ops"))),
        (&both, &[b"Bearer of-ci"], Ok(Access::Token("ci"))),
        (
            &closed,
            &[b"Bearer of-others"],
            Err(BearerError::InvalidToken),
        ),
        (
            &both,
            &[b"Bearer of-others"],
            Err(BearerError::InvalidToken),
        ),
        (&closed, &[b"Basic b2YtY2k6"], Err(BearerError::NoToken)),
        (
            &closed,
            &[b"Bearer of-ci", b"Bearer of-ci"],
            Err(BearerError::SeveralTokens),
        ),
    ] {
        assert_eq!(initial(policy, headers, 5), expected, "{headers:?}");
    }
}

#[test]
fn nothing_that_a_client_sent_is_in_an_error() {
    let marked = "evil<script>";
    for name in [
        "scope",
        "token_endpoint_auth_method",
        "application_type",
        "logo_uri",
    ] {
        let error = read(&with(&json!({ name: marked }))).unwrap_err();
        assert!(!error.to_string().contains("evil"), "{error}");
    }
}
