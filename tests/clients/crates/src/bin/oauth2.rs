//! oauth2: a service, a web application with PKCE, a device and a gateway.

use dockgate_clients::{CALLBACK, call, exercised, http, origin, parameter, visit};
use oauth2::basic::{BasicClient, BasicErrorResponseType};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, DeviceAuthorizationUrl,
    IntrospectionUrl, PkceCodeChallenge, RedirectUrl, RequestTokenError, RevocationUrl, Scope,
    StandardDeviceAuthorizationResponse, StandardRevocableToken, TokenIntrospectionResponse as _,
    TokenResponse as _, TokenUrl,
};

#[tokio::main]
async fn main() {
    let http = http();
    let at = |path: &str| format!("{}{path}", origin());
    let token_url = TokenUrl::new(at("/token")).unwrap();
    let client = |id: &str, secret: Option<&str>| {
        let client = BasicClient::new(ClientId::new(id.to_owned()))
            .set_auth_uri(AuthUrl::new(at("/authorize")).unwrap())
            .set_token_uri(token_url.clone())
            .set_device_authorization_url(
                DeviceAuthorizationUrl::new(at("/device_authorization")).unwrap(),
            )
            .set_introspection_url(IntrospectionUrl::new(at("/introspect")).unwrap())
            .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
        match secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.to_owned())),
            None => client,
        }
    };
    let read = || Scope::new("api:read".to_owned());

    let service = client("service", Some("service-secret"));
    let grant = service.exchange_client_credentials().add_scope(read());
    let tokens = grant.request_async(&http).await.unwrap();
    assert_eq!(call(tokens.access_token().secret()).await.0, 200);
    exercised("client credentials, call of the API");

    let web = client("web", Some("web-secret"));
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = web
        .authorize_url(CsrfToken::new_random)
        .add_scope(read())
        .add_scope(Scope::new("offline_access".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let ended = visit(url.as_str()).await;
    assert_eq!(parameter(&ended, "state"), *state.secret());
    let code = AuthorizationCode::new(parameter(&ended, "code"));
    let grant = web.exchange_code(code).set_pkce_verifier(verifier);
    let tokens = grant.request_async(&http).await.unwrap();
    assert_eq!(call(tokens.access_token().secret()).await.0, 200);
    exercised("authorization code with PKCE");

    let old = tokens.refresh_token().unwrap();
    let tokens = web
        .exchange_refresh_token(old)
        .request_async(&http)
        .await
        .unwrap();
    assert_ne!(tokens.refresh_token().unwrap().secret(), old.secret());
    exercised("refresh with rotation");

    let gateway = client("gateway", Some("gateway-secret"));
    let asked = gateway.introspect(tokens.access_token());
    assert!(asked.request_async(&http).await.unwrap().active());
    exercised("introspection");

    // The crate takes no revocation endpoint that is plain HTTP, on loopback neither.
    let plain = web
        .clone()
        .set_revocation_url(RevocationUrl::new(at("/revoke")).unwrap());
    let refresh = StandardRevocableToken::RefreshToken(tokens.refresh_token().unwrap().clone());
    assert!(plain.revoke_token(refresh).is_err());

    let tv = client("tv", None);
    let begun = tv.exchange_device_code().add_scope(read());
    let begun: StandardDeviceAuthorizationResponse = begun.request_async(&http).await.unwrap();
    visit(begun.verification_uri_complete().unwrap().secret()).await;
    let grant = tv.exchange_device_access_token(&begun);
    let tokens = grant
        .request_async(&http, tokio::time::sleep, None)
        .await
        .unwrap();
    assert_eq!(call(tokens.access_token().secret()).await.0, 200);
    exercised("device authorization");

    let wrong = client("service", Some("wrong"));
    let refused = wrong
        .exchange_client_credentials()
        .request_async(&http)
        .await;
    let Err(RequestTokenError::ServerResponse(response)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(*response.error(), BasicErrorResponseType::InvalidClient);
    exercised("errors read");
}
