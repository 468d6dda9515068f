//! Documents at client ids, as the clients in the field have them.

use super::*;

fn read_document(
    document: &Value,
    keys: Option<&Value>,
) -> Result<ClientMetadata, RegistrationError> {
    let id = document["client_id"].as_str().unwrap().parse().unwrap();
    let read = ClientDocument::read(&id, document.to_string().as_bytes())?;
    let keys = keys.map(|keys| keys.to_string().into_bytes());
    read.into_metadata(keys.as_deref(), &offer())
}

#[test]
fn an_editor_with_grants_that_are_not_offered_and_callbacks_of_both_kinds() {
    let client = read_document(
        &json!({
            "client_name": "Visual Studio Code",
            "logo_uri": "https://code.visualstudio.com/assets/branding/code-stable.png",
            "grant_types": [
                "authorization_code",
                "refresh_token",
                "urn:ietf:params:oauth:grant-type:device_code"
            ],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "application_type": "native",
            "client_id": "https://vscode.dev/oauth/client-metadata.json",
            "client_uri": "https://vscode.dev/product",
            "redirect_uris": ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"]
        }),
        None,
    );
    let client = client.unwrap();
    assert_eq!(
        client.token_endpoint_auth_method,
        AuthenticationMethod::None
    );
    assert_eq!(client.redirect_uris.len(), 2);
    assert_eq!(
        client.grant_types[..2],
        ["authorization_code", "refresh_token"]
    );
}

#[test]
fn a_program_with_loopback_callbacks_alone() {
    let client = read_document(
        &json!({
            "client_id": "https://claude.ai/oauth/claude-code-client-metadata",
            "client_name": "Claude Code",
            "client_uri": "https://claude.ai",
            "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none"
        }),
        None,
    );
    assert_eq!(client.unwrap().application_type, WebOrNative::Native);
}

#[test]
fn a_service_with_keys_elsewhere() {
    let document = json!({
        "client_id": "https://chatgpt.com/oauth/client.json",
        "client_uri": "https://chatgpt.com/",
        "redirect_uris": ["https://chatgpt.com/connector_platform_oauth_redirect"],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "client_name": "ChatGPT",
        "token_endpoint_auth_signing_alg": "RS256",
        "jwks_uri": "https://chatgpt.com/oauth/jwks.json"
    });
    let id = document["client_id"].as_str().unwrap().parse().unwrap();
    let read = ClientDocument::read(&id, document.to_string().as_bytes()).unwrap();
    assert_eq!(read.keys_at(), Some("https://chatgpt.com/oauth/jwks.json"));
    let client = read_document(&document, Some(&jwks())).unwrap();
    let by_key = AuthenticationMethod::PrivateKeyJwt;
    assert_eq!(client.token_endpoint_auth_method, by_key);
    assert_eq!(client.jwks, Some(jwks()));
    for (keys, refused) in [
        (json!({}), KeySetError::Malformed),
        (json!({ "keys": [] }), KeySetError::Empty),
        (
            json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }),
            KeySetError::Symmetric(1),
        ),
    ] {
        let error = read_document(&document, Some(&keys)).unwrap_err();
        assert_eq!(error, RegistrationError::Keys(refused));
    }
}

#[test]
fn keys_are_asked_for_elsewhere_only_by_who_authenticates_with_them_and_has_none_here() {
    let base = json!({
        "client_id": "https://app.example/c",
        "redirect_uris": ["https://app.example/cb"],
        "jwks_uri": "https://app.example/jwks"
    });
    let mut here = base.clone();
    here["token_endpoint_auth_method"] = "private_key_jwt".into();
    here["jwks"] = jwks();
    for document in [base, here] {
        let id = "https://app.example/c".parse().unwrap();
        let read = ClientDocument::read(&id, document.to_string().as_bytes());
        assert_eq!(read.unwrap().keys_at(), None, "{document}");
    }
}

#[test]
fn a_callback_with_a_scheme_of_its_own_is_passed_over_where_another_is_left() {
    let client = read_document(
        &json!({
            "client_id": "https://app.example/c",
            "redirect_uris": ["app://cb", "http://127.0.0.1/cb"]
        }),
        None,
    );
    assert_eq!(client.unwrap().redirect_uris, ["http://127.0.0.1/cb"]);
    let none_left = read_document(
        &json!({ "client_id": "https://app.example/c", "redirect_uris": ["app://cb"] }),
        None,
    );
    assert_eq!(none_left.unwrap_err(), RegistrationError::NoRedirectUri);
}
