//! openidconnect: a relying party.

use dockgate_clients::{CALLBACK, exercised, http, origin, parameter, visit};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _,
};

#[tokio::main]
async fn main() {
    let http = http();
    let issuer = IssuerUrl::new(origin()).unwrap();
    let provider = CoreProviderMetadata::discover_async(issuer, &http)
        .await
        .unwrap();
    exercised("discovery, keys");

    let secret = ClientSecret::new("web-secret".to_owned());
    let id = ClientId::new("web".to_owned());
    let web = CoreClient::from_provider_metadata(provider, id, Some(secret))
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let request = web.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
    let (url, state, nonce) = ["email", "offline_access", "api:read"]
        .into_iter()
        .fold(request, |request, scope| {
            request.add_scope(Scope::new(scope.to_owned()))
        })
        .set_pkce_challenge(challenge)
        .url();
    let ended = visit(url.as_str()).await;
    assert_eq!(parameter(&ended, "state"), *state.secret());
    let code = AuthorizationCode::new(parameter(&ended, "code"));
    let grant = web.exchange_code(code).unwrap().set_pkce_verifier(verifier);
    let tokens = grant.request_async(&http).await.unwrap();
    exercised("authorization code with PKCE");

    let id_token = tokens.id_token().unwrap();
    let checks = web.id_token_verifier();
    let claims = id_token.claims(&checks, &nonce).unwrap();
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = id_token.signing_alg().unwrap();
        let key = id_token.signing_key(&checks).unwrap();
        let own = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
        assert_eq!(own.unwrap(), *expected);
    }
    exercised("ID token");

    let asked = web.user_info(
        tokens.access_token().clone(),
        Some(claims.subject().clone()),
    );
    let user: CoreUserInfoClaims = asked.unwrap().request_async(&http).await.unwrap();
    assert_eq!(
        user.email().map(|email| email.as_str()),
        Some("alice@example.com")
    );
    exercised("userinfo");

    let old = tokens.refresh_token().unwrap();
    let grant = web.exchange_refresh_token(old).unwrap();
    let tokens = grant.request_async(&http).await.unwrap();
    assert_ne!(tokens.refresh_token().unwrap().secret(), old.secret());
    exercised("refresh with rotation");
}
