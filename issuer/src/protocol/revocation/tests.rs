use super::*;
use crate::protocol::ClientAuthenticationError;
use crate::protocol::fixture::tokens::{issued, signed};
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::presented_token::live_token;
use crate::protocol::token_endpoint;
use crate::store::SledStore;

const WEB: &str = "client_id=web&client_secret=web-secret";
const FORM: &[u8] = b"application/x-www-form-urlencoded";

fn try_revoke(context: Context<'_, SledStore>, body: &str) -> Result<Revoked, OAuthError> {
    let request = ClientRequest {
        content_type: Some(FORM),
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    let answer = block_on(respond(context, &request));
    answer
        .map(|(_, revoked)| revoked)
        .map_err(|refusal| refusal.error)
}

fn revoke(
    context: Context<'_, SledStore>,
    client: &str,
    token: &str,
) -> Result<Revoked, OAuthError> {
    try_revoke(context, &format!("{client}&token={token}"))
}

fn is_live(context: Context<'_, SledStore>, token: &str) -> bool {
    block_on(live_token(context, token)).unwrap().is_some()
}

/// The access and the refresh token that come of a request to the token endpoint.
fn ask_for_tokens(
    context: Context<'_, SledStore>,
    body: &str,
) -> Result<(String, String), OAuthError> {
    let request = ClientRequest {
        content_type: Some(FORM),
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    let issuance = block_on(token_endpoint::respond(context, &request));
    let (access, _, refresh) = signed(context, &issuance.map_err(|refusal| refusal.error)?);
    Ok((access, refresh))
}

fn refresh(context: Context<'_, SledStore>, token: &str) -> Result<(String, String), OAuthError> {
    let body = format!("{WEB}&grant_type=refresh_token&refresh_token={token}");
    ask_for_tokens(context, &body)
}

#[test]
fn a_refresh_token_takes_its_family_with_it_whichever_it_is() {
    // The current one, its predecessor, and one before that.
    for which in 0..3 {
        let fixture = Fixture::demo();
        let context = fixture.context();
        let first = issued(context, "web", "api:read");
        let (_, second) = refresh(context, &first.refresh_token).unwrap();
        let (access, third) = refresh(context, &second).unwrap();
        let tokens = [&first.refresh_token, &second, &third];
        assert!(is_live(context, &access));
        assert_eq!(
            revoke(context, WEB, tokens[which]),
            Ok(Revoked::Grant),
            "{which}"
        );
        assert!(!is_live(context, &access) && !is_live(context, &first.access_token));
        let gone = InvalidGrant::UnknownRefreshToken.into();
        assert_eq!(refresh(context, &third), Err(gone));
        assert_eq!(revoke(context, WEB, &third), Ok(Revoked::Nothing));
    }
}

#[test]
fn an_access_token_goes_alone() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let tokens = issued(context, "web", "api:read");
    let (second, next) = refresh(context, &tokens.refresh_token).unwrap();
    let revoked = revoke(context, WEB, &tokens.access_token);
    assert_eq!(revoked, Ok(Revoked::AccessToken));
    assert!(!is_live(context, &tokens.access_token));
    assert!(is_live(context, &second));
    assert!(refresh(context, &next).is_ok());
}

#[test]
fn a_token_of_client_credentials_can_be_revoked() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let service = "client_id=service&client_secret=service-secret";
    let body = format!("{service}&grant_type=client_credentials");
    let (token, _) = ask_for_tokens(context, &body).unwrap();
    assert!(is_live(context, &token));
    assert_eq!(revoke(context, service, &token), Ok(Revoked::AccessToken));
    assert!(!is_live(context, &token));
}

#[test]
fn what_is_no_live_token_is_revoked_already() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let tokens = issued(context, "web", "openid api:read");
    let mut forged = tokens.refresh_token.clone().into_bytes();
    forged[40] ^= 1;
    for nothing in [
        "x",
        "a.b.c",
        tokens.access_token.split_at(1).1,
        &tokens.id_token,
        std::str::from_utf8(&forged).unwrap(),
        &"A".repeat(86),
    ] {
        assert_eq!(revoke(context, WEB, nothing), Ok(Revoked::Nothing));
    }
    let ended = revoke(fixture.at(NOW + 600), WEB, &tokens.access_token);
    assert_eq!(ended, Ok(Revoked::Nothing));
    assert!(is_live(context, &tokens.access_token));
    assert!(refresh(context, &tokens.refresh_token).is_ok());
}

#[test]
fn a_token_of_another_client_is_not_revoked_and_the_client_is_told() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let tokens = issued(context, "web", "api:read");
    for client in [
        "client_id=spa",
        "client_id=service&client_secret=service-secret",
    ] {
        assert_eq!(
            revoke(context, client, &tokens.access_token),
            Err(InvalidGrant::AccessTokenOfOther.into())
        );
        assert_eq!(
            revoke(context, client, &tokens.refresh_token),
            Err(InvalidGrant::RefreshTokenOfOther.into())
        );
    }
    assert!(is_live(context, &tokens.access_token));
    assert!(refresh(context, &tokens.refresh_token).is_ok());
}

#[test]
fn a_public_client_names_itself_and_a_confidential_one_proves_it() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let spa = issued(context, "spa", "api:read");
    assert_eq!(
        revoke(context, "client_id=spa", &spa.refresh_token),
        Ok(Revoked::Grant)
    );
    let web = issued(context, "web", "api:read");
    let id = "web".parse().unwrap();
    assert_eq!(
        revoke(context, "client_id=web", &web.refresh_token),
        Err(ClientAuthenticationError::SecretMissing(id).into())
    );
    assert_eq!(
        revoke(context, "", &web.refresh_token),
        Err(ClientAuthenticationError::None.into())
    );
    assert!(is_live(context, &web.access_token));
}

#[test]
fn the_hint_changes_nothing_and_the_token_is_required() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    for hint in ["access_token", "refresh_token", "foo"] {
        let tokens = issued(context, "web", "api:read");
        let body = |token| format!("{WEB}&token={token}&token_type_hint={hint}");
        let access = try_revoke(context, &body(&tokens.access_token));
        assert_eq!(access, Ok(Revoked::AccessToken));
        let refresh = try_revoke(context, &body(&tokens.refresh_token));
        assert_eq!(refresh, Ok(Revoked::Grant));
    }
    let missing = RequestError::Missing("token").into();
    assert_eq!(try_revoke(context, WEB), Err(missing));
}
